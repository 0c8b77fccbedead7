// Announces through an outage of the sink, by a clock of their own: `--rate` a second for `--minutes`, while `--most` deltas may wait. Clients do
// not care for the interval they are told. Prints what it came to as JSON.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Accounting, startAccounting } from "../../tracker/src/accounting/accounting.ts";
import { BATCH_DELTAS } from "../../tracker/src/accounting/ledger.ts";
import type { AnnounceEvent } from "../../tracker/src/swarm/announce.ts";
import { announceFrom, announceServiceOver } from "./announce-service.ts";
import { type PostgresServer, startPostgres } from "./postgres-server.ts";

export interface OutageReport {
  readonly announces: number;
  /** By the clock on the wall. */
  readonly seconds: number;
  /** Deltas, when the sink came back. */
  readonly waited: number;
  /** What clients were told at the end of the outage. */
  readonly toldSeconds: number;
  /** Of the process: when no more might wait, and the most after that. */
  readonly memory: { readonly fullMiB: number; readonly peakMiB: number };
  readonly moved: Moved;
  readonly delivered: Moved;
  readonly deltas: number;
}

interface Moved {
  readonly uploaded: number;
  readonly downloaded: number;
}

const { values } = parseArgs({
  options: { rate: { type: "string" }, minutes: { type: "string" }, most: { type: "string" } },
});
const [rate, minutes, maxPending] = [values.rate, values.minutes, values.most].map(Number) as [number, number, number];

const ANNOUNCE_EVERY_SECONDS = 2;
const HOSTS = rate * ANNOUNCE_EVERY_SECONDS;
const DOWN_BYTES = 1_000_003;
const UP_BYTES = 7;
const LOG = { error: console.error, warn: () => {}, info: () => {} };
const resolver = { name: "test", reload: async () => {}, close: async () => {}, locate: () => undefined };

const folder = mkdtempSync(join(tmpdir(), "rackcast-outage-"));
const sink = await startPostgres();
try {
  console.log(JSON.stringify(await run(sink)));
} finally {
  await sink.close();
  rmSync(folder, { recursive: true });
}

async function run(server: PostgresServer): Promise<OutageReport> {
  await server.kill();
  const startedAt = performance.now();
  const fleet = createFleet(await start(server));
  await fleet.round("started");
  const memory = { fullMiB: 0, peakMiB: 0 };
  for (let batch = 0; batch < (minutes * 60 * rate) / BATCH_DELTAS; batch++) {
    await fleet.batch();
    const { rss } = process.memoryUsage();
    memory.peakMiB = Math.max(memory.peakMiB, rss / 2 ** 20);
    if (memory.fullMiB === 0 && fleet.waiting() >= maxPending) memory.fullMiB = rss / 2 ** 20;
  }
  const [waited, toldSeconds] = [fleet.waiting(), fleet.toldSeconds()];
  await server.restart();
  await fleet.restart(() => start(server));
  await fleet.round("stopped");
  const delivered = await untilDelivered(server);
  const seconds = (performance.now() - startedAt) / 1000;
  await fleet.close();
  return { announces: fleet.announces(), seconds, waited, toldSeconds, memory, moved: fleet.moved(), ...delivered };
}

function start({ url }: PostgresServer): Promise<Accounting> {
  const ledger = { kind: "sqlite", file: join(folder, "accounting.sqlite") } as const;
  const settings = { ledger, linkMbits: 1e6, maxPending, totalsDays: 1 };
  const postgres = { kind: "postgres", url, table: "rackcast_deltas" } as const;
  return startAccounting({ ...settings, sink: postgres }, { log: LOG, onRecorded: () => {} });
}

/** Every host announces every two seconds. */
function createFleet(first: Accounting) {
  let accounting = first;
  // From today on: baselines go by the clock on the wall.
  let now = Date.now();
  let announces = 0;
  let told = 0;
  let next = 0;
  const counters = Array.from({ length: HOSTS }, () => 0);
  const counted: Pick<Accounting, "note" | "isBehind"> = {
    note: (announced, about) => accounting.note(announced, about),
    isBehind: () => accounting.isBehind(),
  };
  const { service } = announceServiceOver({
    resolver,
    unknownRack: "shared",
    accounting: counted,
    now: () => Math.floor(now),
  });

  function announce(host: number, event: AnnounceEvent): unknown {
    const moves = event === "started" ? 0 : 1;
    const times = (counters[host] = (counters[host] ?? 0) + moves);
    announces++;
    const amounts = { uploaded: times * UP_BYTES, downloaded: times * DOWN_BYTES, left: 1e12 };
    const reply = service.announce(
      announceFrom(`10.${host >> 16}.${(host >> 8) & 255}.${host & 255}`, { event, ...amounts }),
    );
    if (!(reply instanceof Promise) && reply.kind === "peers") told = reply.intervalSeconds;
    return reply;
  }

  /** However long it takes: the clock stands still until all is recorded. */
  async function recorded(): Promise<void> {
    while (accounting.status().reports.waiting > 0) await sleep(1);
  }

  return {
    async round(event: AnnounceEvent) {
      await Promise.all(counters.map((_, host) => announce(host, event)));
      await recorded();
      now += 1000;
    },
    /** As many as are recorded at once. */
    async batch() {
      for (let count = 0; count < BATCH_DELTAS; count++) {
        announce(next, "none");
        next = (next + 1) % HOSTS;
      }
      await recorded();
      now += (BATCH_DELTAS / rate) * 1000;
    },
    /** As a tracker that is started again, which does not wait until its sink is tried again. */
    async restart(startAgain: () => Promise<Accounting>) {
      await accounting.close();
      accounting = await startAgain();
    },
    waiting: () => accounting.status().books.pendingCount,
    announces: () => announces,
    toldSeconds: () => told,
    moved(): Moved {
      const times = counters.reduce((sum, count) => sum + count, 0);
      return { uploaded: times * UP_BYTES, downloaded: times * DOWN_BYTES };
    },
    close: () => accounting.close(),
  };
}

/** Every host has said goodbye, which it does once. */
async function untilDelivered({ query }: PostgresServer) {
  for (;;) {
    const [row] = await query<Record<"uploaded" | "downloaded" | "deltas" | "stopped", string | null>>(
      `SELECT sum(uploaded) AS uploaded, sum(downloaded) AS downloaded, count(*) AS deltas,
         count(*) FILTER (WHERE event = 'stopped') AS stopped FROM rackcast_deltas`,
    ).catch(() => []);
    if (Number(row?.stopped) === HOSTS) {
      const delivered = { uploaded: Number(row?.uploaded), downloaded: Number(row?.downloaded) };
      return { delivered, deltas: Number(row?.deltas) };
    }
    await sleep(200);
  }
}
