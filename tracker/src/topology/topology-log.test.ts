import { TopologyError } from "@rackcast/smdb-adapter";
import { expect, it } from "vitest";
import { createTopologyLog } from "./topology-log.ts";

function setup() {
  const lines: string[] = [];
  const clock = { ms: 0 };
  const write = (level: string) => (_: object, message: string) => void lines.push(`${level}: ${message}`);
  const log = { error: write("error"), warn: write("warn"), info: write("info"), debug: write("debug") };
  return { lines, tell: createTopologyLog(log, () => clock.ms), pass: (ms: number) => void (clock.ms += ms) };
}

const error = new TopologyError({ code: "RESOLVER_FAILED", problem: "503" });
const failure = (resolver: string, address: string) =>
  ({ kind: "lookup", resolver, address, result: "failed", seconds: 1, error }) as const;

it("warns of a resolver that fails once in ten seconds, and leaves the rest to debugging", () => {
  const { lines, tell, pass } = setup();
  for (let host = 0; host < 3; host++) tell(failure("smdb", `10.0.0.${host}`));
  tell(failure("dns", "10.0.0.1"));
  pass(10_000);
  tell(failure("smdb", "10.0.0.4"));
  expect(lines.map((line) => line.split(":")[0])).toEqual(["warn", "debug", "debug", "warn", "warn"]);
});

it("says nothing of lookups that succeed", () => {
  const { lines, tell } = setup();
  tell({ kind: "lookup", resolver: "smdb", address: "10.0.0.1", result: "known", seconds: 1, error: undefined });
  expect(lines).toEqual([]);
});

it("warns of each kind of fault apart, and tells when a resolver is left alone and back", () => {
  const { lines, tell } = setup();
  for (const fault of ["several-servers", "wrong-depth", "several-servers"])
    tell({ kind: "fault", resolver: "smdb", fault, problem: "x" });
  for (const state of ["open", "half-open", "closed"] as const) tell({ kind: "breaker", resolver: "smdb", state });
  expect(lines).toEqual([
    "warn: a resolver's data is at fault",
    "warn: a resolver's data is at fault",
    "debug: a resolver's data is at fault",
    "warn: a resolver keeps failing and is left alone for a while",
    "info: a resolver answers again",
  ]);
});

it("tells what was read again, and as an error what was refused", () => {
  const { lines, tell } = setup();
  tell({ kind: "reloaded", resolver: "file", source: "racks", entryCount: 3 });
  tell({ kind: "refused", resolver: "file", source: "racks", error });
  expect(lines).toEqual(["info: topology read again", "error: topology refused; the one before stays"]);
});
