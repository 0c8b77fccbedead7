// What counting what clients move costs an announce: in the tracker's own thread, and in that of accounting.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createSubnetResolver } from "@rackcast/smdb-adapter";
import { startAccounting } from "../../tracker/src/accounting/accounting.ts";
import { createFaultCounts } from "../../tracker/src/frontends/fault-counts.ts";
import { createTrackerAnswers, type TrackerAnswers } from "../../tracker/src/frontends/http/tracker-answers.ts";
import type { AnnounceServiceParts } from "../../tracker/src/service/announce-service.ts";
import { ByteWriter } from "../../tracker/src/wire/byte-writer.ts";
import { parseHostAddress } from "../../tracker/src/wire/compact-address.ts";
import { announceServiceOver, INFO_HASH } from "../support/announce-service.ts";
import { median, print } from "./tables.ts";

const HOSTS = 20_480;
const ROUNDS = 29;
const WARM_UPS = 4;
/** As many as are handed on at once. */
const BATCH = 1024;
/** For all alike: who comes back from a pause finds its memory further away. */
const PAUSE_MS = 20;
const MIB = 2 ** 20;
const START = 1_700_000_000_000;
const BUDGET = "≤ 1.10";
const LOG = { error: console.error, warn: console.warn, info: () => {} };

interface Contestant {
  readonly name: string;
  readonly answers: TrackerAnswers;
  /** Resolves when the announces that were made are recorded. */
  readonly recorded: () => Promise<void>;
  readonly close: () => Promise<void>;
  /** Microseconds of processor time an announce: of the tracker's own thread, and of all. */
  readonly own: number[];
  readonly all: number[];
}

export async function printAccounting(): Promise<void> {
  const off = contestant("off", { accounting: undefined, recorded: async () => {}, close: async () => {} });
  const contestants = [off, await startCounting()];
  try {
    for (let round = 0; round < ROUNDS; round++) await runRound(contestants, round);
  } finally {
    for (const { close } of contestants) await close();
  }
  console.log(
    `\nHTTP announces without their sockets, ${HOSTS.toLocaleString("en")} hosts, counters going up each time`,
  );
  print(
    ["ACCOUNTING", "µs in the tracker's own thread", "÷ off", "budget", "µs in all threads", "÷ off"],
    contestants.map((row) => {
      const budget = row === off ? "-" : BUDGET;
      return [row.name, ...compared(row.own, off.own), budget, ...compared(row.all, off.all)];
    }),
  );
}

/** Of the ratios of each round the median: other work on the machine slows both of a round alike. */
function compared(values: readonly number[], others: readonly number[]): string[] {
  const ratios = values.map((value, round) => value / (others[round] ?? Number.NaN));
  return [median(values).toFixed(2), values === others ? "-" : median(ratios).toFixed(2)];
}

async function startCounting(): Promise<Contestant> {
  const folder = mkdtempSync(join(tmpdir(), "rackcast-bench-"));
  let onRecorded = () => {};
  const limits = { linkMbits: 1e6, maxPending: 10_000_000, totalsDays: 1, sink: undefined };
  const settings = { ledger: { kind: "sqlite", file: join(folder, "accounting.sqlite") }, ...limits } as const;
  const accounting = await startAccounting(settings, { log: LOG, onRecorded: () => onRecorded() });
  return contestant("on", {
    accounting,
    recorded: () => new Promise((resolve) => (onRecorded = resolve)),
    async close() {
      await accounting.close();
      rmSync(folder, { recursive: true });
    },
  });
}

interface Counting extends Pick<Contestant, "recorded" | "close"> {
  readonly accounting: AnnounceServiceParts["accounting"];
}

function contestant(name: string, { accounting, ...rest }: Counting): Contestant {
  const prefixes = Array.from({ length: HOSTS / 256 }, (_, rack) => ({
    prefix: `10.0.${rack}.0/24`,
    path: `rack${rack}`,
    source: "the benchmark",
  }));
  const resolver = createSubnetResolver({ prefixes });
  const { service } = announceServiceOver({ resolver, unknownRack: "shared", accounting, now: () => now });
  const settings = { trustedProxies: [], proxyPass: false, allowCidrs: [], log: LOG };
  const answers = createTrackerAnswers({ service, faults: createFaultCounts(), ...settings });
  return { name, answers, ...rest, own: [], all: [] };
}

const out = new ByteWriter();
let now = START;

/** Every host announces once to each, a batch to one, a batch to the other. */
async function runRound(contestants: readonly Contestant[], round: number): Promise<void> {
  const used = contestants.map(() => ({ own: 0, all: 0 }));
  for (let from = 0; from < HOSTS; from += BATCH) {
    now += 100;
    const requests = Array.from({ length: BATCH }, (_, at) => requestOf(from + at, round));
    for (const [index, contestant] of contestants.entries()) {
      const { own, all } = await announceBatch(contestant, requests);
      used[index]!.own += own;
      used[index]!.all += all;
    }
  }
  if (round < WARM_UPS) return;
  for (const [index, { own, all }] of contestants.entries()) {
    own.push(used[index]!.own / HOSTS);
    all.push(used[index]!.all / HOSTS);
  }
}

type Request = ReturnType<typeof requestOf>;

async function announceBatch({ answers, recorded }: Contestant, requests: readonly Request[]) {
  const before = readClocks();
  const isRecorded = recorded();
  for (const { query, sender } of requests) {
    out.clear();
    if (answers.announce(query, sender, out) !== undefined) throw new Error("an announce was not answered at once");
  }
  await Promise.all([isRecorded, sleep(PAUSE_MS)]);
  const after = readClocks();
  return { own: after.own - before.own, all: after.all - before.all };
}

/** In this order: the kernel brings the thread's time up to date when it is asked for the process's. */
function readClocks() {
  const all = microseconds(process.cpuUsage());
  return { all, own: microseconds(process.threadCpuUsage()) };
}

function microseconds({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}

const INFO_HASH_QUERY = (INFO_HASH.match(/../g) ?? []).map((byte) => `%${byte}`).join("");

function requestOf(host: number, round: number) {
  const peerId = `-lt0D80-${String(host).padStart(12, "0")}`;
  const amounts = `uploaded=${round * MIB}&downloaded=${2 * round * MIB}&left=${(100 - 2 * round) * MIB}`;
  const query = `info_hash=${INFO_HASH_QUERY}&peer_id=${peerId}&key=5fa3b2c1&compact=1&port=6922&${amounts}`;
  const socketHost = parseHostAddress(`10.0.${host >> 8}.${host & 255}`);
  return { query, sender: { socketHost, forwardedFor: undefined, announceKey: "" } };
}
