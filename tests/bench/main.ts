// Measures what the budgets of the design are about and prints it beside them: a report, which passes and fails nothing.
import { availableParallelism, loadavg } from "node:os";
import { printAccounting } from "./accounting.bench.ts";
import { type AnnounceMeasure, measureAnnounces, type PeerIdPrefix } from "./announce.bench.ts";
import { printBuild } from "./build.bench.ts";
import { printHttp } from "./http.bench.ts";
import { printCountedTrackers } from "./counted-trackers.bench.ts";
import { measureRedis, type RedisMeasure } from "./redis.bench.ts";
import { median, percent, print, whole } from "./tables.ts";
import { measureTopology, TOPOLOGY_BUDGET } from "./topology.bench.ts";
import { printOutage } from "./outage.bench.ts";
import { printUdp } from "./udp.bench.ts";
import { printWebsocket } from "./websocket.bench.ts";

const SIZES = [1_000, 100_000, 1_000_000];
const BUDGET_US = new Map([
  [1_000, 1],
  [100_000, 1.2],
  [1_000_000, 2],
]);
const BYTES_BUDGET = 150;
const REDIS_BUDGET = 30_000;

const SECTIONS: Readonly<Record<string, () => Promise<void>>> = {
  async announce() {
    await printAnnounces("prompt clients (libtorrent-rasterbar)", "-LT2080-");
    await printAnnounces("clients with late HAVE (rtorrent)", "-lt0D80-");
  },
  async redis() {
    await printRedis("prompt clients (libtorrent-rasterbar)", "-LT2080-");
    await printRedis("clients with late HAVE (rtorrent)", "-lt0D80-");
    await printRedis("without handouts (numwant 0): what sharing itself costs", "-LT2080-", 0);
  },
  udp: printUdp,
  http: printHttp,
  websocket: printWebsocket,
  topology: printTopology,
  async accounting() {
    await printAccounting();
    await printCountedTrackers();
  },
  build: printBuild,
  outage: printOutage,
};

/** What takes minutes. */
const BY_NAME_ALONE = ["outage"];

console.log(
  `${availableParallelism()} processors; load average ${loadavg()
    .map((load) => load.toFixed(1))
    .join(" ")}`,
);
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in SECTIONS));
if (unknown.length > 0)
  throw new Error(`no section is called ${unknown.join(", ")}; there are: ${Object.keys(SECTIONS).join(", ")}`);
for (const [name, measure] of Object.entries(SECTIONS))
  if (wanted.includes(name) || (wanted.length === 0 && !BY_NAME_ALONE.includes(name))) await measure();

async function printAnnounces(clients: string, prefix: PeerIdPrefix): Promise<void> {
  const measures = measureAnnounces(prefix, SIZES);
  const smallest = median(measures[0]?.runs ?? []);
  console.log(`\nOne announce in the memory store, policy included, numwant 50: ${clients}`);
  const rows = measures.map((measure) => announceRow(measure, smallest));
  print(["peers", "µs, median (runs)", "budget", "÷ smallest swarm", "bytes a peer", "budget"], rows);
}

function announceRow({ peers, runs, bytesPerPeer }: AnnounceMeasure, smallest: number): string[] {
  const all = runs.map((run) => run.toFixed(2)).join(" ");
  const time = `${median(runs).toFixed(2)} (${all})`;
  const ratio = (median(runs) / smallest).toFixed(2);
  const budget = `≤ ${BUDGET_US.get(peers)}`;
  return [peers.toLocaleString("en"), time, budget, ratio, bytesPerPeer.toFixed(0), `≤ ${BYTES_BUDGET}`];
}

async function printRedis(clients: string, prefix: PeerIdPrefix, numwant = 50): Promise<void> {
  console.log(`\nAnnounces into one swarm of 5,000 peers in 50 racks on one Redis (append-only file on): ${clients}`);
  const rows = (await measureRedis(prefix, [1, 2], numwant)).map(redisRow);
  const load = ["Redis' processor", "a tracker's processor"];
  print(["trackers", "a second", "÷ budget (one tracker)", "p50 ms", "p99 ms", ...load], rows);
}

function redisRow({ trackers, perSecond, p50, p99, redisLoad, trackerLoad }: RedisMeasure): string[] {
  const part = trackers === 1 ? (perSecond / REDIS_BUDGET).toFixed(2) : "-";
  return [
    `${trackers}`,
    whole(perSecond),
    part,
    p50.toFixed(1),
    p99.toFixed(1),
    percent(redisLoad),
    percent(trackerLoad),
  ];
}

async function printTopology(): Promise<void> {
  console.log("\nTopology lookups on one core, 100,000 addresses each known apart");
  const rows = (await measureTopology()).map(({ name, lookupsPerSecond, bytesPerEntry }) => [
    name,
    whole(lookupsPerSecond),
    `≥ ${whole(TOPOLOGY_BUDGET)}`,
    (lookupsPerSecond / TOPOLOGY_BUDGET).toFixed(1),
    bytesPerEntry.toFixed(0),
  ]);
  print(["resolver", "a second of processor time", "budget", "÷ budget", "bytes an entry"], rows);
}
