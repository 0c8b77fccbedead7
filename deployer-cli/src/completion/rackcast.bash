# shellcheck shell=bash disable=SC2154 # the tables stand above: what each command offers, and what its values may be
_rackcast() {
  local current=$2 key=rackcast position=0 value= prefix word line
  local -a words candidates=()
  # Readline splits at = and : too; for the command only blanks count.
  read -ra words <<<"${COMP_LINE:0:COMP_POINT}|"
  prefix=${words[${#words[@]} - 1]%|}
  words=("${words[@]:1:${#words[@]} - 2}")
  for word in "${words[@]}"; do
    if [[ $value ]]; then
      value=
    elif [[ $word == -* ]]; then
      value=${_rackcast_values[$key $word]-}
    elif [[ ${_rackcast_flags[$key $word]+set} ]]; then
      key+=" $word"
    else
      position=$((position + 1))
    fi
  done
  if [[ $value ]]; then
    :
  elif [[ $prefix == --*=* ]]; then
    value=${_rackcast_values[$key ${prefix%%=*}]-}
    prefix=${prefix#*=}
  elif [[ $prefix == -* ]]; then
    value=${_rackcast_flags[$key]}
  else
    value=${_rackcast_values[$key $position]-${_rackcast_values[$key *]-@text}}
  fi
  case $value in
    @file) return ;;
    @transfer) mapfile -t candidates < <("$1" __complete transfers "${words[@]}" 2>/dev/null) ;;
    @text) ;;
    *) read -ra candidates <<<"$value" ;;
  esac
  compopt +o default
  [[ $current == [=:] ]] && current=
  for word in "${candidates[@]}"; do
    # Readline puts a candidate in the place of what it calls the current word.
    [[ $word == "$prefix"* ]] && COMPREPLY+=("${word#"${prefix%"$current"}"}")
  done
}

complete -o default -F _rackcast rackcast
