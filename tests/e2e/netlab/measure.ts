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
  /** Payload bytes got from outside the host's rack, from the client's own counters. */
  readonly outsideBytes: number;
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
  const received = createReceivedBytes(client.host, payload);
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
      outsideBytes: received.outsideBytes(),
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
  note(peers: Awaited<ReturnType<LabClient["peers"]>>): void;
  /** Complete: what came after the last sample is taken to have come as the bytes before it did. */
  close(): void;
  outsideBytes(): number;
}

/** A peer's counter vanishes with its connection and starts over with the next, so it is the gains that are summed. */
function createReceivedBytes(host: LabHost, payload: Payload): ReceivedBytes {
  const seen = new Map<string, number>();
  const total = { inside: 0, outside: 0 };
  let lately = { inside: 0, outside: 0 };
  return {
    note(peers) {
      const gained = { inside: 0, outside: 0 };
      for (const { address, downloadedBytes } of peers) {
        const before = seen.get(address) ?? 0;
        seen.set(address, downloadedBytes);
        const side = rackOf(address) === host.rack ? "inside" : "outside";
        gained[side] += downloadedBytes < before ? downloadedBytes : downloadedBytes - before;
      }
      total.inside += gained.inside;
      total.outside += gained.outside;
      if (gained.inside + gained.outside > 0) lately = gained;
    },
    close() {
      const unseen = Math.max(0, payload.sizeBytes - total.inside - total.outside);
      const gained = lately.inside + lately.outside;
      if (gained > 0) total.outside += (unseen * lately.outside) / gained;
    },
    outsideBytes: () => total.outside,
  };
}
