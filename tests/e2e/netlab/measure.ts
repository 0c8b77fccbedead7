// Watches every client of a run and says when each was done and from where its bytes came.
import { setTimeout as sleep } from "node:timers/promises";
import type { LabClient } from "./lab-client.ts";
import { rackOf, type LabHost } from "./shape.ts";
import type { Payload } from "./workspace.ts";

export interface HostRecord {
  readonly host: LabHost;
  /** Seconds after the run's start; undefined while not complete. */
  readonly completedAtSeconds: number | undefined;
  /** 0..1. */
  readonly progress: number;
  /** Payload bytes got from each rack, its own and the core (0) among them, from the client's own counters. */
  readonly bytesFrom: ReadonlyMap<number, number>;
  readonly killed: boolean;
}

/** One row of the timeline: progress 0..1 of every host, in the order of the clients. */
export interface TimelineRow {
  readonly atSeconds: number;
  readonly progress: readonly number[];
}

export interface Measurement {
  /** Watches until every client is complete or killed, or until the limit; answers whether all were done. */
  untilDone(limitSeconds: number, signal: AbortSignal): Promise<boolean>;
  records(): HostRecord[];
  timeline(): readonly TimelineRow[];
  elapsedSeconds(): number;
}

// Reading costs each client a millisecond; four times a second tells the makespan to about 2 % and disturbs nobody.
const SAMPLE_MS = 250;
const TIMELINE_SECONDS = 1;

/** Starts the clock; the clients may load the torrent at any time after. */
export function startMeasurement(clients: readonly LabClient[], payload: Payload): Measurement {
  const startedAt = performance.now();
  const elapsedSeconds = (): number => (performance.now() - startedAt) / 1000;
  const watches = clients.map((client) => createWatch(client, payload, elapsedSeconds));
  const timeline: TimelineRow[] = [];
  const keepRow = (): void => {
    if (elapsedSeconds() >= timeline.length * TIMELINE_SECONDS) {
      timeline.push({ atSeconds: elapsedSeconds(), progress: watches.map((watch) => watch.record().progress) });
    }
  };
  return {
    async untilDone(limitSeconds, signal) {
      while (elapsedSeconds() < limitSeconds) {
        await Promise.all(watches.map((watch) => watch.sample()));
        keepRow();
        if (watches.every((watch) => watch.done())) return true;
        await sleep(SAMPLE_MS, undefined, { signal });
      }
      return false;
    },
    records: () => watches.map((watch) => watch.record()),
    timeline: () => timeline,
    elapsedSeconds,
  };
}

interface Watch {
  sample(): Promise<void>;
  done(): boolean;
  record(): HostRecord;
}

function createWatch(client: LabClient, payload: Payload, elapsedSeconds: () => number): Watch {
  const received = createReceivedBytes(payload);
  let completedBytes = 0;
  let completedAtSeconds: number | undefined;
  const sample = async (): Promise<void> => {
    const [progress, peers] = await Promise.all([client.progress(), peersIfLoaded(client, payload)]);
    // A client that checks what it has got says 0 meanwhile.
    completedBytes = Math.max(completedBytes, progress.completedBytes);
    received.note(peers);
    if (!progress.complete) return;
    completedAtSeconds = elapsedSeconds();
    received.close();
  };
  return {
    async sample() {
      if (completedAtSeconds !== undefined || !client.running) return;
      // A client killed between the question and the answer is no fault of the run.
      await sample().catch((error: unknown) => {
        if (client.running) throw error;
      });
    },
    done: () => completedAtSeconds !== undefined || !client.running,
    record: () => ({
      host: client.host,
      completedAtSeconds,
      progress: completedBytes / payload.sizeBytes,
      bytesFrom: received.bytesFrom,
      killed: !client.running,
    }),
  };
}

// The list of peers is a fault, not an empty list, until the torrent is loaded.
async function peersIfLoaded(client: LabClient, payload: Payload): Promise<Awaited<ReturnType<LabClient["peers"]>>> {
  return client.peers(payload).catch((error: unknown) => {
    if (error instanceof Error && error.message.includes("rtorrent refused")) return [];
    throw error;
  });
}

interface ReceivedBytes {
  readonly bytesFrom: ReadonlyMap<number, number>;
  note(peers: Awaited<ReturnType<LabClient["peers"]>>): void;
  /** Complete: what came after the last sample is taken to have come as the bytes before it did. */
  close(): void;
}

/** A peer's counter vanishes with its connection and starts over with the next, so it is the gains that are summed. */
function createReceivedBytes(payload: Payload): ReceivedBytes {
  const seen = new Map<string, number>();
  const bytesFrom = new Map<number, number>();
  let lately: ReadonlyMap<number, number> = new Map();
  const add = (to: Map<number, number>, rack: number, bytes: number) => to.set(rack, (to.get(rack) ?? 0) + bytes);
  return {
    bytesFrom,
    note(peers) {
      const gained = new Map<number, number>();
      for (const { address, downloadedBytes } of peers) {
        const before = seen.get(address) ?? 0;
        seen.set(address, downloadedBytes);
        add(gained, rackOf(address), downloadedBytes < before ? downloadedBytes : downloadedBytes - before);
      }
      for (const [rack, bytes] of gained) add(bytesFrom, rack, bytes);
      if (sum(gained) > 0) lately = gained;
    },
    close() {
      const unseen = Math.max(0, payload.sizeBytes - sum(bytesFrom));
      const gained = sum(lately);
      for (const [rack, bytes] of lately) add(bytesFrom, rack, (unseen * bytes) / gained);
    },
  };
}

function sum(bytes: ReadonlyMap<number, number>): number {
  return [...bytes.values()].reduce((total, one) => total + one, 0);
}

/** Payload bytes that a host got from racks that are not `inside`. */
export function bytesFromOutside({ bytesFrom }: HostRecord, inside: (rack: number) => boolean): number {
  return [...bytesFrom].reduce((total, [rack, bytes]) => (inside(rack) ? total : total + bytes), 0);
}

/** Payload bytes that a host got from outside its rack. */
export function bytesIntoRack(record: HostRecord): number {
  return bytesFromOutside(record, (rack) => rack === record.host.rack);
}
