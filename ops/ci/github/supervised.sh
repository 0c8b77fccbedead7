#!/bin/sh
# Runs a rackcast command in a job that may be cancelled, and says what its exit code means.
# usage: supervised.sh rackcast deploy …
#
# A runner that cancels a job signals the shell alone and kills everything some seconds later. The command ends within those,
# with its reports written, if it is told.
set -u

"$@" &
command=$!
trap 'kill -TERM "$command" 2>/dev/null' INT TERM HUP
wait "$command"
code=$?
# A signal ends the waiting before it ends the command.
while kill -0 "$command" 2>/dev/null; do
  wait "$command"
  code=$?
done

case $code in
  0) exit 0 ;;
  2) meaning="The command line is wrong; see the log above." ;;
  3) meaning="Hosts are still fetching the release; the same command again goes on where this one ended." ;;
  130) meaning="Interrupted; the same command again goes on where this one ended." ;;
  *) meaning="Failed; the log above says where and what to do." ;;
esac
if [ -n "${GITHUB_ACTIONS:-}" ]; then
  echo "::error title=rackcast ended with $code::$meaning"
else
  echo "rackcast ended with $code: $meaning" >&2
fi
[ -z "${GITHUB_OUTPUT:-}" ] || echo "exit-code=$code" >>"$GITHUB_OUTPUT"
exit "$code"
