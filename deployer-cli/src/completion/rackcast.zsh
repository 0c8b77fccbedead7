_rackcast_transfers() {
  local -a transfers=(${(f)"$(_call_program transfers rackcast __complete transfers ${(q)words[2,CURRENT-1]})"})
  compadd -a transfers
}

# From $fpath the file is the body of the function; sourced, it only names it.
if [[ $funcstack[1] == _rackcast ]]; then
  _rackcast "$@"
else
  compdef _rackcast rackcast
fi
