# Tells what happens to each host as lines of JSON on the file descriptor that RACKCAST_EVENTS_FD names, as it happens.
#
# {"event": "host", "host", "task", "outcome": "ok" | "changed" | "failed" | "unreachable" | "skipped", "code", "message"}
# {"event": "stats", "hosts": {NAME: {"ok", "changed", "failures", "unreachable", "skipped"}}}

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: rackcast_events
type: notification
short_description: events for rackcast
description: Writes JSON lines to the file descriptor of RACKCAST_EVENTS_FD; without it, nothing.
"""

COUNTS = ("ok", "changed", "failures", "unreachable", "skipped")


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "rackcast_events"
    CALLBACK_NEEDS_ENABLED = False

    def __init__(self):
        super().__init__()
        descriptor = os.environ.get("RACKCAST_EVENTS_FD", "")
        self.disabled = not descriptor.isdigit()
        # Kept open: it is not ours, and other processes of this run have it too.
        self._events = None if self.disabled else open(int(descriptor), "w", encoding="utf-8", closefd=False)

    def v2_runner_on_ok(self, result):
        self._tell_host(result, "changed" if result._result.get("changed") else "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._tell_host(result, "ok" if ignore_errors else "failed")

    def v2_runner_on_unreachable(self, result):
        self._tell_host(result, "unreachable")

    def v2_runner_on_skipped(self, result):
        self._tell_host(result, "skipped")

    def v2_playbook_on_stats(self, stats):
        hosts = {name: stats.summarize(name) for name in stats.processed}
        self._tell({"event": "stats", "hosts": {name: {key: hosts[name][key] for key in COUNTS} for name in hosts}})

    def _tell_host(self, result, outcome):
        failed = outcome in ("failed", "unreachable")
        event = {
            "event": "host",
            "host": result._host.get_name(),
            "task": result._task.get_name(),
            "outcome": outcome,
            "code": code_of(result._result) if failed else None,
            "message": message_of(result._result) if failed else None,
        }
        self._tell(event)

    def _tell(self, event):
        self._events.write(json.dumps(event) + "\n")
        self._events.flush()


def code_of(result):
    code = result.get("code")
    if isinstance(code, str):
        return code
    timed_out = "timedout" in result or "in the expected time frame" in str(result.get("msg"))
    return "TIMED_OUT" if timed_out else None


def message_of(result):
    """One line: what Ansible says, and the last line of what the host said where Ansible only points at it."""
    if isinstance(result.get("results"), list):
        result = next((item for item in result["results"] if item.get("failed")), result)
    said = str(result.get("module_stderr") or result.get("module_stdout") or result.get("stderr") or "")
    last = said.strip().split("\n")[-1]
    return " ".join(": ".join(part for part in (str(result.get("msg") or ""), last) if part).split())
