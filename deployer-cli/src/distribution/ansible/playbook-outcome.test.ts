// Lines as ansible-core 2.14 made the callback plugin write them.
import { describe, expect, it } from "vitest";
import type { TargetHost } from "../driver.ts";
import { parseAnsibleEvent } from "./ansible-events.ts";
import { createPlaybookOutcome, type PlaybookOutcome } from "./playbook-outcome.ts";

const HOST_LINES = [
  String.raw`{"event": "host", "host": "web2", "task": "Load", "outcome": "unreachable", "code": null, "message": "Data could not be sent to remote host \"127.0.0.1\". Make sure this host can be reached over ssh: ssh: connect to host 127.0.0.1 port 1: Connection refused"}`,
  `{"event": "host", "host": "web1", "task": "Load", "outcome": "changed", "code": null, "message": null}`,
  `{"event": "host", "host": "web3", "task": "Load", "outcome": "failed", "code": "CLIENT_MISSING", "message": "rtorrent does not answer at /tmp/none.sock: No such file or directory; start the host's rtorrent, or set the host up again"}`,
  `{"event": "host", "host": "web4", "task": "Load", "outcome": "failed", "code": null, "message": "MODULE FAILURE See stdout/stderr for the exact error: sudo: a password is required"}`,
];
const STATS_LINE = `{"event": "stats", "hosts": {"web2": {"ok": 0, "changed": 0, "failures": 0, "unreachable": 1, "skipped": 0}, "web1": {"ok": 1, "changed": 1, "failures": 0, "unreachable": 0, "skipped": 0}, "web3": {"ok": 0, "changed": 0, "failures": 1, "unreachable": 0, "skipped": 0}, "web4": {"ok": 0, "changed": 0, "failures": 1, "unreachable": 0, "skipped": 0}}}`;

const ENDING = "ansible-playbook ended with code 4";
const hosts: TargetHost[] = ["web1", "web2", "web3", "web4", "web9"].map((name) => ({ name, address: "192.0.2.1" }));

function outcomeOf(...lines: readonly string[]): PlaybookOutcome {
  const outcome = createPlaybookOutcome();
  for (const line of lines) outcome.add(parseAnsibleEvent(line)!);
  return outcome;
}

const problemsOf = (outcome: PlaybookOutcome) =>
  outcome.problems(hosts, ENDING).map(({ host, code, message }) => [host.name, code, message]);

describe("a playbook that went to its end", () => {
  const outcome = outcomeOf(...HOST_LINES, STATS_LINE);

  it("has a problem with every host that failed, was not reached, or is not known", () => {
    expect(outcome.hasEnded()).toBe(true);
    expect(problemsOf(outcome)).toEqual([
      ["web2", "UNREACHABLE", expect.stringMatching(/Connection refused$/)],
      ["web3", "CLIENT_MISSING", expect.stringMatching(/^rtorrent does not answer/)],
      ["web4", undefined, expect.stringMatching(/sudo: a password is required$/)],
      ["web9", "UNREACHABLE", "the inventory has no host web9; add it there"],
    ]);
  });
});

describe("a playbook that was cut short", () => {
  it("is not taken to be done with hosts that it had only begun with", () => {
    const outcome = outcomeOf(...HOST_LINES);
    expect([outcome.hasBegun(), outcome.hasEnded()]).toEqual([true, false]);
    expect(problemsOf(outcome).map(([name, , message]) => [name, message])).toEqual([
      ["web1", `${ENDING}, before it was done with web1`],
      ["web2", expect.any(String)],
      ["web3", expect.any(String)],
      ["web4", expect.any(String)],
      ["web9", `${ENDING}, before it was done with web9`],
    ]);
  });
});

it("takes no line that is not of the plugin's for an event", () => {
  for (const line of ["", "x", "[]", '"host"', '{"event":"host"}', '{"event":"host","host":"a","outcome":"odd"}', "{}"])
    expect(parseAnsibleEvent(line), line).toBeUndefined();
});
