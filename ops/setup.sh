#!/bin/sh
# Sets a checkout up for running and testing, from a plain Debian with Node and npm; quick when nothing is to do.
set -eu
cd "$(dirname "$0")/.."

# rtorrent                         the hosts' client: the demo, the e2e tests and the golden configurations run it
# aria2, transmission-daemon       the other clients that the e2e tests download with
# qbittorrent-nox                  qBittorrent without a window: the e2e tests download with it
# python3-libtorrent               libtorrent-rasterbar, the client library of qBittorrent and Deluge, for the e2e tests
# opentracker                      the topology-blind tracker that the netlab compares with
# redis-server                     tests of whatever uses Redis start their own, as Clusters and Sentinels too
# postgresql                       the database that deltas are handed to; tests start servers of their own
# knot                             the DNS server that tests of the dns resolver start with zones of their own
# ansible-core                     ansible-playbook, which deploys by it run, and ansible-inventory
# openssh-client, openssh-server   how ansible reaches hosts; the tests start servers of their own
# openssl                          certificates for the tests of TLS
# mktorrent                        the yardstick for building torrents
# iproute2                         ip and tc: the netlab's network namespaces and shaped uplinks
# procps                           ps and pgrep: the tests look for processes left behind
# chromium                         the browser of the e2e tests with WebRTC
# curl, ca-certificates            the README's examples; npm over TLS
# busybox, wget, shellcheck        the script by which hosts pull, run and checked as those hosts would
packages="rtorrent aria2 transmission-daemon qbittorrent-nox python3-libtorrent opentracker redis-server postgresql knot ansible-core openssh-client openssh-server openssl mktorrent iproute2 procps chromium curl wget ca-certificates busybox shellcheck"

missing_packages() {
  for package in $packages; do
    # shellcheck disable=SC2016 # the format is dpkg's, not the shell's
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s ' "$package"
  done
}

# Debian starts a service as soon as its package is installed, unless this file says no.
guard=/usr/sbin/policy-rc.d
guarded=no
remove_guard() {
  [ "$guarded" = no ] || as_root rm -f "$guard"
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

install_packages() {
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    echo "setup: missing Debian packages: $*" >&2
    echo "setup: neither root nor sudo is at hand; run as root: apt-get update && apt-get install --no-install-recommends $*" >&2
    exit 1
  fi
  if [ ! -e "$guard" ]; then
    trap remove_guard EXIT
    trap 'exit 130' INT TERM
    guarded=yes
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$guard" >/dev/null
    as_root chmod 755 "$guard"
  fi
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
  stay_off "$@"
}

# Nor may a freshly installed service start with the machine: the tests start their own, on their own ports.
stay_off() {
  [ -d /run/systemd/system ] || return 0
  for package in "$@"; do
    case $package in
      redis-server | postgresql | transmission-daemon | opentracker | knot) as_root systemctl disable --quiet "$package" || true ;;
      openssh-server) as_root systemctl disable --quiet ssh || true ;;
    esac
  done
}

if ! command -v dpkg-query >/dev/null; then
  echo "setup: this is no Debian; install the counterparts of these packages by hand: $packages" >&2
else
  missing=$(missing_packages)
  # shellcheck disable=SC2086 # a list of package names
  [ -z "$missing" ] || install_packages $missing
fi

if ! command -v npm >/dev/null; then
  echo "setup: npm is missing; install Node 20 or later with npm, then run this again" >&2
  exit 1
fi

# npm writes node_modules/.package-lock.json last, so a broken install is done anew.
installed=node_modules/.package-lock.json
if [ ! -e "$installed" ] || [ -n "$(find package-lock.json -newer "$installed")" ]; then
  npm ci --no-audit --no-fund
  touch "$installed"
fi
