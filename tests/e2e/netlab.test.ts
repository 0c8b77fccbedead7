// Holds the design's budgets with real rtorrent in network namespaces; needs root, as network namespaces do. `npm run netlab` has more
// scenarios: hosts that join over time, an SMDB that is slow or fails, racks in datacenters.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLab, mayRunLab, type Lab } from "./netlab/lab.ts";
import type { GroupOutcome, RunOutcome } from "./netlab/run-outcome.ts";
import { SCENARIOS } from "./netlab/scenarios.ts";
import type { LabShape } from "./netlab/shape.ts";

// design.md, "Budgets".
const COPIES_MEAN = 1.05;
const COPIES_WORST = 1.15;
const COPIES_AFTER_KILL = 1.6;
const MAKESPAN_IDEALS = 1.6;
const RACK_DONE_AFTER_KILL_IDEALS = 2.3;
const CROSSING_WITHOUT_FAILURES = 1;
const MAX_REPR_RACK = 2;

// 54 bytes of Ethernet, IP and TCP headers and 12 of time stamps on 1448 of payload, then acknowledgements and announces.
const WIRE_PER_PAYLOAD = 1.07;
// The tracker is away for 3 s; nobody is steered meanwhile, and the next announce is up to 2 s later.
const TRACKER_GONE_SECONDS = 5;

const SHAPE: LabShape = {
  racks: [5, 5, 5],
  datacenters: 0,
  payloadMiB: 64,
  uplinkMbit: 50,
  accessMbit: 200,
  originMbit: 200,
  datacenterMbit: 50,
};
const ANNOUNCE_EVERY_SECONDS = 2;
const HOSTS_AND_ORIGIN = 16;

if (!mayRunLab()) console.warn("netlab: skipped, because it makes network namespaces and this is not root");

// A run is a measurement in real time, on whatever machine CI has: a stall of a second is enough for a pair to run dry.
const ATTEMPTS = { retry: 2 };

describe.skipIf(!mayRunLab())("three racks of five rtorrents behind shaped uplinks", ATTEMPTS, () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab();
  });

  afterAll(async () => {
    await lab.close();
  });

  it("fills every rack over its uplink once, with one host crossing, when all hosts start together", async () => {
    const run = await labRun(lab, "together");
    expectWithinCopies(run.racks);
    expect(mostCrossing(run)).toBe(CROSSING_WITHOUT_FAILURES);
    expect(idealsOf(run)).toBeLessThanOrEqual(MAKESPAN_IDEALS);
  });

  it("finishes a rack whose pulling representative was killed, with its stand-by pulling what was missing", async () => {
    const run = await labRun(lab, "representative-killed");
    const [struck, ...others] = run.racks;
    expect(run.event).toMatch(/^killed r1h\d/);
    expect(struck?.doneAtSeconds ?? Infinity).toBeLessThanOrEqual(RACK_DONE_AFTER_KILL_IDEALS * run.idealSeconds);
    expect(struck?.payloadCopies).toBeLessThanOrEqual(COPIES_AFTER_KILL);
    expect(struck?.hostsCrossed).toBeLessThanOrEqual(MAX_REPR_RACK);
    expectWithinCopies(others);
  });

  it("lets nobody notice a tracker that was killed and came back, and counts every byte that clients moved", async () => {
    const run = await labRun(lab, "accounted");
    expect(run.event).toMatch(/^PostgreSQL killed at .*tracker killed at .*PostgreSQL back at/);
    expect(run.traffic).toHaveLength(HOSTS_AND_ORIGIN);
    for (const { host, moved, counted } of run.traffic ?? []) expect({ host, ...counted }).toEqual({ host, ...moved });
    expect(mostCrossing(run)).toBe(CROSSING_WITHOUT_FAILURES);
    expectWithinCopies(run.racks);
    expect(run.makespanSeconds).toBeLessThanOrEqual(MAKESPAN_IDEALS * run.idealSeconds + TRACKER_GONE_SECONDS);
  });

  it("goes on while the Redis that has the swarms is killed and comes back, and gives no rack a second puller", async () => {
    const run = await labRun(lab, "redis-killed");
    expect(run.event).toMatch(/^Redis killed at .* back at/);
    expect(mostCrossing(run)).toBe(CROSSING_WITHOUT_FAILURES);
    expectWithinCopies(run.racks);
    expect(run.makespanSeconds).toBeLessThanOrEqual(MAKESPAN_IDEALS * run.idealSeconds + TRACKER_GONE_SECONDS);
  });
});

async function labRun(lab: Lab, name: string): Promise<RunOutcome> {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  const announceEverySeconds = ANNOUNCE_EVERY_SECONDS;
  return lab.run({
    scenario,
    tracker: "rackcast",
    shape: SHAPE,
    announceEverySeconds,
    tellLinks: true,
    keepLog: false,
  });
}

function expectWithinCopies(racks: readonly GroupOutcome[]): void {
  const copies = racks.map((rack) => rack.payloadCopies);
  const wire = racks.map((rack) => rack.wireCopies / WIRE_PER_PAYLOAD);
  for (const seen of [copies, wire]) {
    expect(seen.reduce((sum, value) => sum + value, 0) / seen.length).toBeLessThanOrEqual(COPIES_MEAN);
    expect(Math.max(...seen)).toBeLessThanOrEqual(COPIES_WORST);
  }
}

function mostCrossing(run: RunOutcome): number {
  return Math.max(...run.racks.map((rack) => rack.hostsCrossed));
}

/** Never done counts as endless. */
function idealsOf(run: RunOutcome): number {
  return (run.makespanSeconds ?? Infinity) / run.idealSeconds;
}
