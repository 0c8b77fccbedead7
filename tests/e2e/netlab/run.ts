// One run: network, tracker, origin, clients, the scenario, the figures; whatever happens, nothing is left running.
import { cp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startLabClient, type LabClient } from "./lab-client.ts";
import { startMeasurement } from "./measure.ts";
import { difference, figuresOf, type RunOutcome } from "./run-outcome.ts";
import { idealSeconds, type Scenario } from "./scenarios.ts";
import { settleTraffic } from "./settled-traffic.ts";
import { ORIGIN, labHosts, secondsOnLink, slowestInward, type LabHost, type LabShape } from "./shape.ts";
import { createLabNetwork, type LabNetwork } from "./topology.ts";
import type { LabTracker, TrackerName } from "./trackers/lab-tracker.ts";
import { startOpentracker } from "./trackers/opentracker.ts";
import { startRackcastTracker } from "./trackers/rackcast.ts";
import type { Payload } from "./workspace.ts";

export const TRACKER_PORT = 6969;

export interface RunPlan {
  readonly scenario: Scenario;
  readonly tracker: TrackerName;
  readonly shape: LabShape;
  readonly payload: Payload;
  /** The run's own folder; removed afterwards. */
  readonly folder: string;
  readonly announceEverySeconds: number;
  /** Whether our tracker is told how fast the links are. */
  readonly tellLinks: boolean;
  /** Keeps the tracker's log. */
  readonly keepLog: boolean;
  readonly signal: AbortSignal;
}

const TRACKERS = { rackcast: startRackcastTracker, opentracker: startOpentracker };
const LIMIT_IDEALS = 15;
const LEAST_LIMIT_SECONDS = 150;
const ORIGIN_TIMEOUT_SECONDS = 60;

export async function runScenario(plan: RunPlan): Promise<RunOutcome> {
  const network = await createLabNetwork(labHosts(plan.shape.racks), plan.shape);
  const clients: LabClient[] = [];
  let tracker: LabTracker | undefined;
  try {
    const { shape, payload } = plan;
    const folder = join(plan.folder, "tracker");
    tracker = await TRACKERS[plan.tracker]({
      network,
      shape,
      payload,
      folder,
      port: TRACKER_PORT,
      tellLinks: plan.tellLinks,
      onRedis: plan.scenario.onRedis ?? false,
      accounting: plan.scenario.accounting ?? false,
      smdb: plan.scenario.smdb,
    });
    await tracker.publish();
    await startOrigin(plan, network, clients);
    await startClients(plan, network, clients);
    const outcome = await transfer(plan, {
      network,
      tracker,
      clients: clients.filter((client) => client.host !== ORIGIN),
    });
    const traffic = tracker.sink && (await settleTraffic(plan.payload, clients, tracker.sink));
    return { ...outcome, traffic };
  } finally {
    await Promise.all(clients.map((client) => client.kill()));
    await tracker?.close();
    await network.close();
    await rm(plan.folder, { recursive: true, force: true });
  }
}

async function startOrigin(plan: RunPlan, network: LabNetwork, clients: LabClient[]): Promise<void> {
  const origin = await startClient(plan, network, ORIGIN);
  clients.push(origin);
  await origin.load(plan.payload);
  for (let waited = 0; waited < ORIGIN_TIMEOUT_SECONDS; waited += 0.1) {
    const [progress, announced] = await Promise.all([origin.progress(), origin.announced(plan.payload).catch(() => 0)]);
    if (progress.complete && announced > 0) return;
    await sleep(100, undefined, { signal: plan.signal });
  }
  const { message } = await origin.progress();
  throw new Error(
    `the origin did not announce within ${ORIGIN_TIMEOUT_SECONDS} s: ${message || "no tracker answered"}`,
  );
}

async function startClients(plan: RunPlan, network: LabNetwork, clients: LabClient[]): Promise<void> {
  const hosts = network.hosts.filter((host) => host.role === "host");
  clients.push(...(await Promise.all(hosts.map((host) => startClient(plan, network, host)))));
}

function startClient(plan: RunPlan, network: LabNetwork, host: LabHost): Promise<LabClient> {
  const folder = join(plan.folder, host.name);
  const downloads = host === ORIGIN ? plan.payload.folder : join(folder, "downloads");
  return startLabClient({ network, host, folder, downloads, announceEverySeconds: plan.announceEverySeconds });
}

interface StartedLab {
  readonly network: LabNetwork;
  readonly tracker: LabTracker;
  readonly clients: readonly LabClient[];
}

async function transfer(plan: RunPlan, lab: StartedLab): Promise<Omit<RunOutcome, "traffic">> {
  const ended = new AbortController();
  const signal = AbortSignal.any([plan.signal, ended.signal]);
  const linksBefore = await lab.network.readLinks();
  const processorsBefore = processorTimes();
  const measurement = startMeasurement(lab.clients, plan.payload);
  const uplinkSeconds = secondsOnLink(plan.payload.sizeBytes, slowestInward(plan.shape));
  const beside = Promise.all([
    loadInTurn(plan, lab.clients, signal),
    plan.scenario.disturb?.({ ...lab, measurement, uplinkSeconds, signal }),
  ]);
  const ideal = idealSeconds(plan.scenario, plan.shape);
  try {
    const limit = Math.max(LEAST_LIMIT_SECONDS, ideal * LIMIT_IDEALS);
    const [, [, event]] = await Promise.all([measurement.untilDone(limit, plan.signal), beside]);
    const crossed = difference(linksBefore, await lab.network.readLinks());
    const processorShare = busyShare(processorsBefore, processorTimes());
    return {
      ...figuresOf(plan, measurement, crossed),
      event,
      processorShare,
      trackerLog: await keptLog(plan, lab.tracker),
    };
  } finally {
    ended.abort();
    await beside.catch(() => undefined);
  }
}

/** Hosts start in turn over the racks: the first of each, then the second of each. */
async function loadInTurn(plan: RunPlan, clients: readonly LabClient[], signal: AbortSignal): Promise<void> {
  const place = (client: LabClient): number => Number(client.host.address.split(".")[3]) * 1000 + client.host.rack;
  const inTurn = clients.toSorted((one, other) => place(one) - place(other));
  if (plan.scenario.joinEverySeconds === 0) {
    await Promise.all(inTurn.map((client) => client.load(plan.payload)));
    return;
  }
  for (const [index, client] of inTurn.entries()) {
    if (index > 0) await sleep(plan.scenario.joinEverySeconds * 1000, undefined, { signal });
    await client.load(plan.payload);
  }
}

interface ProcessorTimes {
  readonly busy: number;
  readonly all: number;
}

function processorTimes(): ProcessorTimes {
  const times = cpus().map((processor) => processor.times);
  const idle = times.reduce((sum, time) => sum + time.idle, 0);
  const busy = times.reduce((sum, time) => sum + time.user + time.nice + time.sys + time.irq, 0);
  return { busy, all: busy + idle };
}

function busyShare(before: ProcessorTimes, after: ProcessorTimes): number {
  return (after.busy - before.busy) / Math.max(1, after.all - before.all);
}

async function keptLog(plan: RunPlan, tracker: LabTracker): Promise<string | undefined> {
  if (!plan.keepLog) return undefined;
  const kept = join(tmpdir(), `rackcast-netlab-${plan.scenario.name}-${plan.tracker}.log`);
  await cp(tracker.logFile, kept);
  return kept;
}
