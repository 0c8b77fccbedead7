// The lab's command line.
import { parseArgs } from "node:util";
import { SCENARIOS, type Scenario } from "./scenarios.ts";
import type { LabShape } from "./shape.ts";
import type { TrackerName } from "./trackers/lab-tracker.ts";

export interface LabOptions {
  readonly scenarios: readonly Scenario[];
  readonly trackers: readonly TrackerName[];
  readonly runs: number;
  readonly shape: LabShape;
  readonly announceEverySeconds: number;
  readonly tellLinks: boolean;
  readonly json: boolean;
  readonly trace: boolean;
}

export class UsageError extends Error {}

const TRACKER_NAMES: readonly TrackerName[] = ["rackcast", "opentracker"];

export const USAGE = `npm run netlab -- [options]      needs root: it makes network namespaces

  --scenario a,b|all         ${SCENARIOS.map((scenario) => `${scenario.name}: ${scenario.summary}`).join("\n" + " ".repeat(29))}
                             (default together)
  --tracker a,b              ${TRACKER_NAMES.join(",")} (default both)
  --runs N                   runs of each, interleaved (default 3)
  --payload MiB              (default 64)
  --racks N --hosts N        (default 3 racks of 5)
  --uplink --access --origin Mbit/s, both ways (default 50, 200, 200)
  --datacenters N            racks shared out among them, each behind a link of its own (default 0: none)
  --datacenter-link          Mbit/s, both ways (default 50)
  --announce-every S         the clients' announce schedule while incomplete (default 2)
  --links-unknown            our tracker is not told how fast the links are
  --trace                    progress of every host, second by second; keeps the tracker's log
  --json                     all figures of all runs as JSON`;

/** Reads the arguments; throws a UsageError that names the fault. */
export function readOptions(args: readonly string[]): LabOptions {
  const values = parse(args);
  const number = (name: Exclude<keyof typeof values, "trace" | "json" | "links-unknown">, least: number): number => {
    const value = Number(values[name]);
    if (!Number.isFinite(value) || value < least) throw new UsageError(`--${name} wants a number of at least ${least}`);
    return value;
  };
  return {
    scenarios: chosen(values.scenario, SCENARIOS, (scenario) => scenario.name, "scenario"),
    trackers: chosen(values.tracker, TRACKER_NAMES, (name) => name, "tracker"),
    runs: number("runs", 1),
    shape: {
      racks: Array.from({ length: number("racks", 1) }, () => number("hosts", 1)),
      payloadMiB: number("payload", 1),
      uplinkMbit: number("uplink", 1),
      accessMbit: number("access", 1),
      originMbit: number("origin", 1),
      datacenters: number("datacenters", 0),
      datacenterMbit: number("datacenter-link", 1),
    },
    announceEverySeconds: number("announce-every", 2),
    tellLinks: !values["links-unknown"],
    json: values.json,
    trace: values.trace,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        scenario: { type: "string", default: "together" },
        tracker: { type: "string", default: TRACKER_NAMES.join(",") },
        runs: { type: "string", default: "3" },
        payload: { type: "string", default: "64" },
        racks: { type: "string", default: "3" },
        hosts: { type: "string", default: "5" },
        uplink: { type: "string", default: "50" },
        access: { type: "string", default: "200" },
        origin: { type: "string", default: "200" },
        datacenters: { type: "string", default: "0" },
        "datacenter-link": { type: "string", default: "50" },
        "announce-every": { type: "string", default: "2" },
        json: { type: "boolean", default: false },
        trace: { type: "boolean", default: false },
        "links-unknown": { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function chosen<T>(given: string, known: readonly T[], name: (one: T) => string, what: string): readonly T[] {
  if (given === "all") return known;
  return given.split(",").map((wanted) => {
    const found = known.find((one) => name(one) === wanted);
    if (found === undefined) {
      throw new UsageError(`unknown ${what} ${wanted}; one of ${known.map(name).join(", ")}, or all`);
    }
    return found;
  });
}
