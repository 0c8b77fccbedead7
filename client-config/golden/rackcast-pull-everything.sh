#!/bin/sh
# rackcast-pull, rendered by rackcast: brings the releases on this host to what the tracker lists for it.
#
#   rackcast-pull [--loop] [--spread SECONDS] [--verify-all]
#     --loop         run again every 60 seconds, instead of once
#     --spread N     first wait up to N seconds, always the same time on one host, so that a fleet does not ask at once
#     --verify-all   read and compare again what has been verified before
#
# RACKCAST_HOOK names a program that is run after a switch, with the series, the release's name and its path.
# Exits with 0 when all is as listed or on its way, 1 when something failed here, 2 when it is called wrongly or a program
# is missing, 3 when no tracker gave a whole answer: nothing is changed then.
# Needs a POSIX shell, flock, sha256sum, curl or GNU wget, openssl, and an rtorrent that watches the folder below.
set -u
LC_ALL=C
export LC_ALL
umask 022

releases='/srv/releases'
current='/opt/current'
# What a link in $current says before the release's name.
link_prefix='/srv/releases/'
# The client loads the .torrents in $watch, forgets those that are taken away, and keeps its state in $session.
watch='/srv/watch'
session='/srv/session'
# One folder for each transfer that was installed from here.
state='/srv/pull'
token_file='/etc/rackcast/token'
bind_address='10.0.1.2'
every_seconds=60
trust_key='-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----'

# ask_in_turn METHOD PATH FILE BODY: until one answers; first the one that answered before.
ask_in_turn() {
  for tracker in ${answering:+"$answering"} 'https://tracker-1.example/rackcast' 'http://[fd00::1]:6969'; do
    exchange "$tracker" "$@" && answering=$tracker && return 0
  done
  return 1
}

# --- asking the tracker ---

say() { printf 'rackcast-pull: %s\n' "$*" >&2; }

complain() {
  failed=1
  say "$@"
}

# The token is in a file, because a program's arguments can be read by everybody on the host. Proxies are left out: the
# tracker knows a host by its address.
prepare_http() {
  authorization=
  if [ -n "$token_file" ]; then
    authorization="Authorization: Bearer $(cat "$token_file")" || return 1
  fi
  if command -v curl >/dev/null 2>&1; then
    http=curl
    {
      printf '%s\n' silent show-error globoff 'noproxy = "*"' 'header = "Accept: text/plain"'
      printf '%s\n' 'connect-timeout = 5' 'speed-limit = 1' 'speed-time = 20' 'max-time = 600'
      [ -z "$authorization" ] || printf 'header = "%s"\n' "$authorization"
      [ -z "$bind_address" ] || printf 'interface = "%s"\n' "$bind_address"
    } >"$work/http"
  elif wget --version 2>/dev/null | grep -q 'GNU Wget'; then
    http=wget
    {
      printf '%s\n' 'use_proxy = off' 'header = Accept: text/plain' 'tries = 1' 'max_redirect = 0'
      printf '%s\n' 'dns_timeout = 5' 'connect_timeout = 5' 'read_timeout = 20'
      [ -z "$authorization" ] || printf 'header = %s\n' "$authorization"
      [ -z "$bind_address" ] || printf 'bind_address = %s\n' "$bind_address"
    } >"$work/http"
  else
    say "neither curl nor GNU wget is installed (BusyBox's wget cannot PUT); install one of them"
    return 1
  fi
}

# exchange TRACKER METHOD PATH FILE BODY: succeeds when the tracker answered, whatever it says; $status is 000 when it did not.
exchange() {
  url=$1/$3 method=$2 file=$4 body=$5
  set --
  if [ "$http" = curl ]; then
    [ -z "$body" ] || set -- --header 'Content-Type: application/json' --data-binary "$body"
    status=$(curl --config "$work/http" --request "$method" "$@" --output "$file" --write-out '%{http_code}' \
      "$url" 2>"$work/said") || status=000
  else
    [ -z "$body" ] || set -- --header='Content-Type: application/json' --body-data="$body"
    WGETRC=$work/http wget --server-response --method="$method" "$@" --output-document="$file" "$url" 2>"$work/said"
    case $? in
      0 | 8) status=$(sed -n 's|^ *HTTP/[0-9.]* \([0-9][0-9][0-9]\).*|\1|p' "$work/said" | tail -n 1) ;;
      *) status=000 ;;
    esac
  fi
  case $status in
    000 | 429 | 5??) return 1 ;;
  esac
}

# request METHOD PATH FILE [BODY]: succeeds when a tracker answers with 200 and the whole of it is in FILE.
request() {
  rm -f "$3"
  ask_in_turn "$1" "$2" "$3" "${4-}" || {
    sleep 1
    ask_in_turn "$1" "$2" "$3" "${4-}"
  }
  [ "$status" = 200 ]
}

# Of the last request; its FILE has what the tracker said.
problem() {
  if [ "$status" = 000 ]; then
    printf 'no answer: %s' "$(grep -v '^ *$' "$work/said" | tail -n 1)"
  else
    printf 'HTTP %s: %s' "$status" "$(head -c 300 "$1" 2>/dev/null | tr -d '\000-\037')"
  fi
}

# The listing decides what is removed, so only a whole one counts: it ends by saying how many lines it has.
fetch_listing() {
  request GET hosts/self/transfers "$work/answer" || {
    say "no tracker says what belongs here ($(problem "$work/answer")); nothing is changed"
    return 1
  }
  count=$(($(wc -l <"$work/answer") - 1))
  [ "$(tail -n 1 "$work/answer")" = "# end $count" ] || {
    say "the listing of $answering is cut off; nothing is changed"
    return 1
  }
  sed '$d' "$work/answer" >"$work/listing"
  line="[0-9a-f]{40}${tab}[0-9]{1,18}${tab}(current|kept)${tab}(verified|failed|-)${tab}[A-Za-z0-9_@+][A-Za-z0-9._@+-]*"
  [ "$(grep -Ecx "$line" "$work/listing")" = "$count" ] || {
    say "the listing of $answering has lines that are not understood; nothing is changed. Is rackcast-pull out of date?"
    return 1
  }
}

is_listed() { grep -q "^$hash$tab" "$work/listing"; }

# --- what is remembered of a transfer, in files of $own ---
#   name       the release's, since it was installed from here
#   foreign    its payload was there before: it is never removed
#   verified   every file was as the manifest says
#   due        it was made current, and the hook has not succeeded yet
#   mends      how often the client was made to check it again
#   report     state, code and message as they are for the tracker; `sent` once it has them

has() { [ -f "$own/$1" ]; }

recall() { cat "$own/$1" 2>/dev/null; }

# A rename, so that a power loss leaves the old text or the new one.
keep() {
  mkdir -p "$own" && printf '%s\n' "${2-}" >"$own/.new" && mv -f "$own/.new" "$own/$1"
}

forget() {
  for record; do rm -f "$own/$record"; done
}

# What is said of a file system after this holds through a power loss, too.
make_durable() { sync -f "$1" 2>/dev/null || sync; }

# report STATE [CODE MESSAGE]: tells the tracker, unless it knows.
report() {
  case "$(recall report)$tab" in
    "$1$tab${2-}$tab"*) ;;
    *)
      forget sent
      keep report "$1$tab${2-}$tab${3-}"
      [ "$1" = verified ] || say "$name: $2: $3"
      ;;
  esac
  [ "$1" = verified ] || failed=1
  if ! has sent || [ "$known" != "$1" ]; then send_report "$@"; fi
}

send_report() {
  body="{\"state\":\"$1\"}"
  [ "$1" = verified ] || body="{\"state\":\"$1\",\"code\":\"$2\",\"message\":\"$(json_text "$3")\"}"
  if request PUT "hosts/self/transfers/$hash" "$work/answer" "$body"; then
    keep sent
  else
    complain "$name: the tracker was not told that it is $1 ($(problem "$work/answer"))"
  fi
}

json_text() { printf '%s' "$1" | tr -d '\000-\037\177' | head -c 450 | sed 's/[\\"]/\\&/g'; }

# is_settled CODE…: whether the tracker has such a failure of it, which another try without a new deploy would only repeat.
is_settled() {
  [ "$known" = failed ] && has sent || return 1
  said=$(recall report)
  for code; do
    case $said in
      *"$tab$code$tab"*)
        failed=1
        return 0
        ;;
    esac
  done
  return 1
}

# --- the client, seen by its files ---

is_watched() { [ -f "$watch/$hash.torrent" ]; }

is_loaded() { [ -f "$session/$key.torrent" ]; }

# rtorrent writes this state when a download has finished, and when it has checked a payload that was there.
is_complete() { grep -q 8:completei1e "$session/$key.torrent.rtorrent" 2>/dev/null; }

client_runs() {
  pid=$(sed 's/.*+//' "$session/rtorrent.lock" 2>/dev/null)
  [ -n "$pid" ] && [ -d "/proc/$pid" ]
}

# After a minute or two, because it may just be starting.
await_client() {
  [ -n "$(find "$watch/$hash.torrent" -mmin +1)" ] || return 0
  if client_runs; then
    rm -f "$watch/$hash.torrent"
    report failed LOAD_FAILED "rtorrent does not load $watch/$hash.torrent; see its log, and that its configuration has this watch directory"
  else
    report failed CLIENT_MISSING "rtorrent is not running: start it, such as by systemctl start rackcast-rtorrent"
  fi
}

# The client forgets the torrent now, and the next run adds it anew: it then checks the payload and fetches what is wrong.
restart_download() {
  rm -f "$watch/$hash.torrent"
  say "$name: the client is made to check it again and to fetch what is missing"
}

# Not for ever: what is still wrong after that is no fault of the client.
mend() {
  has name || return 0
  mends=$(recall mends)
  mends=$((${mends:-0} + 1))
  [ "$mends" -le 3 ] || return 0
  keep mends "$mends"
  restart_download
}

# lacking_kib BYTES NAME: what is still to be written of a payload.
lacking_kib() {
  here=0
  [ ! -e "$releases/$2" ] || here=$(du -sk "$releases/$2" | cut -f 1)
  lacking=$((($1 + 1023) / 1024 - here))
  [ "$lacking" -gt 0 ] || lacking=0
  echo "$lacking"
}

# What other downloads are still going to write.
claimed_kib() {
  claimed=0
  while IFS=$tab read -r hash length _ _ name; do
    key=$(upper_case "$hash")
    if is_watched && ! is_complete; then claimed=$((claimed + $(lacking_kib "$length" "$name"))); fi
  done <"$work/listing"
  echo "$claimed"
}

free_kib() { df -Pk "$releases" | sed 1d | { read -r _ _ _ free _ && echo "$free"; }; }

# has_room KIB: whether so much can be written, and else says so to the tracker.
has_room() {
  free=$(free_kib) || return 0
  [ "$1" -gt "$free" ] || return 0
  report failed DISK_FULL "needs $(($1 * 1024)) more bytes in $releases, where $((free * 1024)) are free; make room, and it goes on by itself"
  return 1
}

upper_case() { printf '%s' "$1" | tr a-f A-F; }

# --- is it what was published? ---

# The manifest of $hash into $work/manifest; fails with a report, or with a complaint where the tracker has not answered.
fetch_manifest() {
  request GET "hosts/self/transfers/$hash/manifest" "$work/manifest" || {
    reject "$work/manifest" "its torrent carries no SHA-256 of its files; build and deploy it by rackcast"
    return 1
  }
  [ "$(head -n 1 "$work/manifest")" = "# rackcast manifest 1 $hash $name" ] || {
    distrust "the manifest is that of another release"
    return 1
  }
  [ -z "$trust_key" ] || check_signature
}

check_signature() {
  request GET "hosts/self/transfers/$hash/signature" "$work/signature" || {
    reject "$work/signature" "it is not signed, and this host takes signed releases only"
    return 1
  }
  printf '%s\n' "$trust_key" >"$work/key.pem"
  openssl pkeyutl -verify -pubin -inkey "$work/key.pem" -rawin -in "$work/manifest" -sigfile "$work/signature" \
    >"$work/said" 2>&1 || {
    distrust "its signature is not that of the key that this host trusts"
    return 1
  }
}

# reject ANSWER WHY: WHY holds when the tracker said that there is no such thing.
reject() {
  if [ "$status" = 404 ]; then distrust "$2"; else complain "$name: not fetched ($(problem "$1"))"; fi
}

distrust() {
  if [ -n "$trust_key" ]; then report failed UNTRUSTED "$1"; else report failed VERIFY_FAILED "$1"; fi
}

# Compares every file; fails with a report.
verify() {
  fetch_manifest || return 1
  sed 1d "$work/manifest" >"$work/sums"
  if grep -q '^[^0-9a-f]' "$work/sums" && ! sha256sum --version >/dev/null 2>&1; then
    report failed VERIFY_FAILED "a file's name has a backslash or a line break, which BusyBox's sha256sum cannot read; install GNU coreutils"
    return 1
  fi
  if (cd "$releases" && sha256sum -c "$work/sums") >"$work/checked" 2>&1; then
    make_durable "$releases"
    keep verified
    say "$name: every file is as published"
    return 0
  fi
  wrong=$(sed -n 's/: FAILED.*//p' "$work/checked" | head -n 1)
  if [ -n "$wrong" ]; then
    report failed CORRUPT "$wrong is not as published; the client is made to fetch it again, three times at most"
    mend
  else
    report failed VERIFY_FAILED "sha256sum: $(tail -n 1 "$work/checked")"
  fi
  return 1
}

# Where releases must be signed the tracker is not to be trusted: another torrent under this info-hash could overwrite what is
# here. A signed one ends with the signature and the e of the outer dictionary, and info comes before that.
is_signed_torrent() {
  before=$(head -c 65536 "$1" | sed -n '1s/4:infod.*//p')
  size=$(wc -c <"$1")
  start=$((${#before} + 6))
  found=$(tail -c "+$((start + 1))" "$1" | head -c $((size - start - 89)) | sha1sum | cut -d ' ' -f 1)
  [ "$found" = "$hash" ]
}

# --- one transfer: $hash, $length, $role (current, kept), $known (verified, failed, -) and $name, as listed ---

tend() {
  own=$state/$hash
  key=$(upper_case "$hash")
  # Activated anew, or forgotten by the tracker: either way it is to be known whether the files are right.
  if "$verify_all" || { [ "$known" = - ] && has sent; }; then forget report sent verified mends; fi
  if is_loaded && { is_watched || ! has name; }; then
    if is_complete; then conclude; else watch_room; fi
  elif is_watched; then
    await_client
  elif ! is_loaded; then
    add
  fi
}

add() {
  if is_settled UNTRUSTED; then return 0; fi
  has_room $(($(lacking_kib "$length" "$name") + $(claimed_kib))) || return 0
  [ -z "$trust_key" ] || fetch_manifest || return 0
  request GET "hosts/self/transfers/$hash/torrent" "$watch/.$hash" || {
    complain "$name: its .torrent was not fetched ($(problem "$watch/.$hash"))"
    return 0
  }
  if [ -n "$trust_key" ] && ! is_signed_torrent "$watch/.$hash"; then
    rm -f "$watch/.$hash"
    report failed UNTRUSTED "the tracker's .torrent is not the one that was signed"
    return 0
  fi
  hand_over || complain "$name: cannot write to $state and $watch"
}

# The record comes first: what has none is never removed.
hand_over() {
  has name || [ ! -e "$releases/$name" ] || keep foreign || return 1
  keep name "$name" || return 1
  make_durable "$own/name"
  forget report sent
  # A time of its own: the client takes a file of the same name and time for the one that it knows.
  touch "$watch/.$hash" && mv -f "$watch/.$hash" "$watch/$hash.torrent" || return 1
  say "$name: given to the client"
}

# A client that ran out of space has stopped: it is made to go on once there is room.
watch_room() {
  has_room "$(lacking_kib "$length" "$name")" || return 0
  case $(recall report) in
    *"${tab}DISK_FULL$tab"*) restart_download ;;
  esac
}

conclude() {
  has verified || is_right || return 0
  if [ "$role" = current ] && ! make_current; then
    report failed VERIFY_FAILED "$trouble"
    return 0
  fi
  report verified
}

# The tracker's word is enough for what would not be made current by it.
is_right() {
  if [ "$known" = verified ] && ! "$verify_all"; then
    if [ "$role" = kept ] || is_current; then return 1; fi
  fi
  ! is_settled CORRUPT UNTRUSTED VERIFY_FAILED && verify
}

# --- which release of a series is current ---

is_current() { [ "$(readlink "$current/$(series_of "$name")")" = "$link_prefix$name" ]; }

# The name without its version, as the tracker has it.
series_of() {
  series=$(printf '%s' "$1" | sed 's/[-_.@]v\{0,1\}[0-9].*//')
  printf '%s' "${series:-$1}"
}

make_current() {
  if is_current && ! has due; then return 0; fi
  series=$(series_of "$name")
  # Until the hook has succeeded: it runs at least once, whatever happens in between.
  keep due
  if ! is_current; then
    trouble="$current/$series cannot be made a link to it; is it something else?"
    switch_link 2>/dev/null || return 1
    say "$name: is current now"
  fi
  trouble="the hook ${RACKCAST_HOOK-} failed; it is run again"
  [ -z "${RACKCAST_HOOK-}" ] || "$RACKCAST_HOOK" "$series" "$name" "$releases/$name" </dev/null >&2 3<&- 9>&- || return 1
  forget due
}

switch_link() {
  mkdir -p "$current" &&
    rm -f "$current/.$series.new" &&
    ln -s "$link_prefix$name" "$current/.$series.new" &&
    mv -fT "$current/.$series.new" "$current/$series"
}

# --- what is listed no longer ---

sweep() {
  for own in "$state"/*/; do
    own=${own%/}
    hash=${own##*/}
    if [ -d "$own" ] && ! is_listed; then take_off; fi
  done
}

# The client lets go of it first, which the next run sees. What is current stays, however the listing may have come about.
take_off() {
  name=$(recall name)
  key=$(upper_case "$hash")
  if is_watched; then
    rm -f "$watch/$hash.torrent"
    say "$name: is listed no longer"
  fi
  if is_loaded || is_current; then return 0; fi
  if is_ours; then
    rm -rf "${releases:?}/$name" || {
      complain "$name: $releases/$name cannot be removed"
      return 0
    }
    say "$name: is removed"
  fi
  rm -rf "$own" "$watch/.$hash"
}

# Whether the payload was installed from here, and is not another listed transfer's.
is_ours() {
  has name && ! has foreign || return 1
  case $name in
    '' | [!A-Za-z0-9_@+]* | *[!A-Za-z0-9._@+-]*) return 1 ;;
  esac
  ! cut -f 5 "$work/listing" | grep -Fqx -e "$name"
}

# --- a run ---

run() {
  failed=0
  answering=
  fetch_listing || return 3
  # By a descriptor of its own, so that no program that is run here reads the listing.
  while IFS=$tab read -r hash length role known name <&3; do tend; done 3<"$work/listing"
  sweep
  return "$failed"
}

usage() {
  say "usage: rackcast-pull [--loop] [--spread SECONDS] [--verify-all]"
  exit 2
}

# spread SECONDS: fewer than that, by what tells this host from others.
spread() {
  number=$({ uname -n && cat /etc/machine-id; } 2>/dev/null | cksum | cut -d ' ' -f 1)
  echo $((number % ($1 + 1)))
}

# Without the lock, which would outlive a run that is ended meanwhile; a signal is not kept waiting.
pause() {
  sleep "$1" 9>&- &
  wait "$!"
}

main() {
  loop=false verify_all=false
  while [ $# -gt 0 ]; do
    case $1 in
      --loop) loop=true ;;
      --verify-all) verify_all=true ;;
      --spread)
        case ${2-} in '' | *[!0-9]*) usage ;; esac
        pause "$(spread "$2")"
        shift
        ;;
      *) usage ;;
    esac
    shift
  done
  prepare
  run
  outcome=$?
  while "$loop"; do
    verify_all=false
    pause "$every_seconds"
    run
    outcome=$?
  done
  exit "$outcome"
}

prepare() {
  tab=$(printf '\t')
  for program in flock sha256sum ${trust_key:+openssl}; do
    command -v "$program" >/dev/null 2>&1 || {
      say "$program is not installed"
      exit 2
    }
  done
  mkdir -p "$state" "$watch" "$releases" || exit 2
  exec 9>"$state/lock"
  flock -n 9 || {
    say "another run is at work"
    exit 0
  }
  # In memory where systemd gives it, so that a full disk can be reported.
  work=$(mktemp -d "${RUNTIME_DIRECTORY:-${TMPDIR:-/tmp}}/rackcast-pull.XXXXXX") || exit 2
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  prepare_http || exit 2
}

main "$@"
