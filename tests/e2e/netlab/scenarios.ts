// What can happen in a run: who joins when, what is slower, and who is killed.
import { setTimeout as sleep } from "node:timers/promises";
import type { LabClient } from "./lab-client.ts";
import { bytesIntoRack, type Measurement } from "./measure.ts";
import { secondsOnLink, slowestInward, type LabShape } from "./shape.ts";
import type { Faults } from "../../../smdb-adapter/reference/faults.ts";
import type { LabTracker } from "./trackers/lab-tracker.ts";

export interface RunningLab {
  readonly clients: readonly LabClient[];
  readonly tracker: LabTracker;
  readonly measurement: Measurement;
  /** Payload ÷ uplink. */
  readonly uplinkSeconds: number;
  readonly signal: AbortSignal;
}

export interface Scenario {
  readonly name: string;
  readonly summary: string;
  /** What differs from the lab that was asked for. */
  readonly shape?: Partial<LabShape>;
  /** Seconds between one host's start and the next's; 0: all at once. */
  readonly joinEverySeconds: number;
  /** Our tracker keeps its swarms in a Redis of the lab's. */
  readonly onRedis?: boolean;
  /** Our tracker counts what clients move, hands it to a PostgreSQL of the lab's, and the sums are compared with the clients' own. */
  readonly accounting?: boolean;
  /** Our tracker asks an SMDB where hosts are, which misbehaves like this once all racks but the last are known. */
  readonly smdb?: Faults;
  /** Goes on beside the transfer; answers what it did, in one sentence. */
  readonly disturb?: (lab: RunningLab) => Promise<string>;
}

const JOIN_EVERY_SECONDS = 2;
const KILL_AT_SHARE_OF_UPLINK_TIME = 0.45;
const AWAY_MS = 3000;

export const SCENARIOS: readonly Scenario[] = [
  { name: "together", summary: "every host at once", joinEverySeconds: 0 },
  {
    name: "joining",
    summary: `hosts ${JOIN_EVERY_SECONDS} s apart, rack after rack in turn`,
    joinEverySeconds: JOIN_EVERY_SECONDS,
  },
  { name: "large", summary: "256 MiB", shape: { payloadMiB: 256 }, joinEverySeconds: 0 },
  { name: "rack12", summary: "one rack of 12", shape: { racks: [12] }, joinEverySeconds: 0 },
  {
    name: "two-datacenters",
    summary: "2 datacenters behind 50 Mbit/s, 2 racks of 3 behind 100 Mbit/s in each",
    shape: { racks: [3, 3, 3, 3], datacenters: 2, datacenterMbit: 50, uplinkMbit: 100 },
    joinEverySeconds: 0,
  },
  { name: "slow-origin", summary: "origin link 50 Mbit/s", shape: { originMbit: 50 }, joinEverySeconds: 0 },
  {
    name: "representative-killed",
    summary: "kill -9 of the host of rack 1 that pulls",
    joinEverySeconds: 0,
    disturb: killRepresentative,
  },
  {
    name: "tracker-killed",
    summary: "kill -9 of the tracker, back after 3 s",
    joinEverySeconds: 0,
    disturb: killTracker,
  },
  {
    name: "accounted",
    summary: "the same, what clients move being counted, and kill -9 of the PostgreSQL that it is handed to",
    joinEverySeconds: 0,
    accounting: true,
    disturb: killTrackerAndSink,
  },
  { name: "on-redis", summary: "every host at once, swarms in Redis", joinEverySeconds: 0, onRedis: true },
  {
    name: "redis-killed",
    summary: "kill -9 of the Redis that has the swarms, back after 3 s",
    joinEverySeconds: 0,
    onRedis: true,
    disturb: killRedis,
  },
  {
    name: "smdb-slow",
    summary: "every host at once, those of the last rack unknown, and the SMDB answers after 5 s",
    joinEverySeconds: 0,
    smdb: { delayMs: 5000 },
  },
  {
    name: "smdb-failing",
    summary: "the same, and the SMDB answers with errors, then garbage, then not at all, then rightly",
    joinEverySeconds: 0,
    smdb: { status: 500 },
    disturb: misbehaveInTurn,
  },
];

/** The best time any rule could reach: every rack pulls once, the last host to join still has to be filled. */
export function idealSeconds(scenario: Scenario, shape: LabShape): number {
  const bytes = shape.payloadMiB * 1024 * 1024;
  const hosts = shape.racks.reduce((sum, count) => sum + count, 0);
  const lastJoin = (hosts - 1) * scenario.joinEverySeconds;
  return Math.max(
    secondsOnLink(bytes, slowestInward(shape)),
    secondsOnLink(bytes, shape.originMbit),
    lastJoin + secondsOnLink(bytes, shape.accessMbit),
  );
}

async function killRepresentative(lab: RunningLab): Promise<string> {
  await sleep(lab.uplinkSeconds * KILL_AT_SHARE_OF_UPLINK_TIME * 1000, undefined, { signal: lab.signal });
  const inRackOne = lab.measurement.records().filter((record) => record.host.rack === 1);
  const [puller] = inRackOne.toSorted((one, other) => bytesIntoRack(other) - bytesIntoRack(one));
  const client = lab.clients.find((candidate) => candidate.host === puller?.host);
  if (puller === undefined || client === undefined) throw new Error("rack 1 has no host to kill");
  await client.kill();
  const at = lab.measurement.elapsedSeconds().toFixed(1);
  return `killed ${client.host.name} at ${at} s with ${Math.round(puller.progress * 100)} %`;
}

async function killTracker(lab: RunningLab): Promise<string> {
  await sleep(lab.uplinkSeconds * KILL_AT_SHARE_OF_UPLINK_TIME * 1000, undefined, { signal: lab.signal });
  await lab.tracker.kill();
  const killedAt = lab.measurement.elapsedSeconds();
  await sleep(AWAY_MS, undefined, { signal: lab.signal });
  await lab.tracker.restart();
  const backAt = lab.measurement.elapsedSeconds();
  return `tracker killed at ${killedAt.toFixed(1)} s, back at ${backAt.toFixed(1)} s`;
}

const SINK_KILLED_AT_SHARE_OF_UPLINK_TIME = 0.3;

async function killTrackerAndSink(lab: RunningLab): Promise<string> {
  const { sink } = lab.tracker;
  if (sink === undefined) return "this tracker counts nothing";
  await sleep(lab.uplinkSeconds * SINK_KILLED_AT_SHARE_OF_UPLINK_TIME * 1000, undefined, { signal: lab.signal });
  await sink.kill();
  const killedAt = lab.measurement.elapsedSeconds().toFixed(1);
  const event = await killTracker(lab);
  await sink.restart();
  return `PostgreSQL killed at ${killedAt} s, ${event}, PostgreSQL back at ${lab.measurement.elapsedSeconds().toFixed(1)} s`;
}

const FAULTS_IN_TURN: readonly Faults[] = [{ garbage: true }, { silence: true }, {}];
const FAULT_LASTS_MS = 2500;

async function misbehaveInTurn({ tracker, measurement, signal }: RunningLab): Promise<string> {
  if (tracker.smdb === undefined) return "this tracker asks no SMDB";
  for (const faults of FAULTS_IN_TURN) {
    await sleep(FAULT_LASTS_MS, undefined, { signal });
    await tracker.smdb.misbehave(faults);
  }
  return `the SMDB answers rightly from ${measurement.elapsedSeconds().toFixed(1)} s on`;
}

async function killRedis(lab: RunningLab): Promise<string> {
  const { redis } = lab.tracker;
  if (redis === undefined) return "this tracker has no Redis";
  await sleep(lab.uplinkSeconds * KILL_AT_SHARE_OF_UPLINK_TIME * 1000, undefined, { signal: lab.signal });
  await redis.kill();
  const killedAt = lab.measurement.elapsedSeconds();
  await sleep(AWAY_MS, undefined, { signal: lab.signal });
  await redis.restart();
  return `Redis killed at ${killedAt.toFixed(1)} s, back at ${lab.measurement.elapsedSeconds().toFixed(1)} s`;
}
