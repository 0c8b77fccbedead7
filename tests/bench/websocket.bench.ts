// What a WebTorrent connection weighs, and how many announces a second come over 10,000 of them, next to bittorrent-tracker (npm).
import { type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { torrent } from "../integration/control-api-world.ts";
import type { MemoryReport } from "./memory-probe.ts";
import { end, type PinnedServer, publish, startLoad, withPinnedServers } from "./pinned-servers.ts";
import { median, percent, print, whole } from "./tables.ts";
import { type Contestant, contestant, ratioColumns, ratios, takeTurn, warmUp } from "./turns.ts";
import type { WebsocketReport, WebsocketTask } from "./websocket-load.ts";

interface Held {
  readonly name: string;
  readonly server: PinnedServer;
  readonly load: ChildProcess;
  readonly usedBytes: number;
  readonly residentBytes: number;
}

interface Way {
  readonly name: string;
  readonly offers: number;
}

const CONNECTIONS = 10_000;
const WARM_UP_CONNECTIONS = 1000;
/** Until a server has noticed that connections ended. */
const SETTLE_MS = 2000;
/** As many as npm's tracker keeps at ease: it lists all peers of a swarm for every announce. */
const PEERS_PER_SWARM = 1000;
const RUNS = 5;
const SECONDS = 2;
const [OURS, NPM] = ["rackcast", "bittorrent-tracker (npm)"];
/** The client webtorrent makes five offers an announce, until it has peers enough. */
const WAYS: readonly Way[] = [
  { name: "without offers", offers: 0 },
  { name: "5 offers of 1,000 characters", offers: 5 },
];
/** Connections announce far more often than they would. */
const UNHURRIED = { WS_MESSAGES_PER_SECOND: "100000" };

export async function printWebsocket(): Promise<void> {
  const releases = Array.from({ length: CONNECTIONS / PEERS_PER_SWARM }, (_, at) => torrent(`bench-1.${at}`));
  await withPinnedServers(async (servers) => {
    const ours = await servers.startTracker(UNHURRIED);
    for (const release of releases) await publish(ours, release);
    const npm = await servers.startNpmTracker();
    const infoHashes = releases.map(({ infoHash }) => infoHash);
    const held = [await hold(OURS, ours, infoHashes), await hold(NPM, npm, infoHashes)];
    try {
      console.log(`\n${whole(CONNECTIONS)} WebTorrent connections in ${releases.length} swarms`);
      printMemory(held);
      for (const way of WAYS) printWay(way, await measure(held, way));
    } finally {
      for (const { load } of held) await end(load);
    }
  });
}

/** Opens all connections, each of which announces itself once. */
async function hold(name: string, server: PinnedServer, infoHashes: readonly string[]): Promise<Held> {
  const options = { port: server.port, "info-hashes": infoHashes.join(","), connections: CONNECTIONS };
  await exercise({ ...options, connections: WARM_UP_CONNECTIONS });
  const before = await memoryOf(server);
  const load = startLoad("./websocket-load.ts", options);
  await messageOf(load);
  const after = await memoryOf(server);
  const each = (value: (report: MemoryReport) => number) => (value(after) - value(before)) / CONNECTIONS;
  return {
    name,
    server,
    load,
    usedBytes: each((report) => report.usedBytes),
    residentBytes: each((report) => report.residentBytes),
  };
}

/** What code, once it runs, takes of memory is no connection's. */
async function exercise(options: Readonly<Record<string, string | number>>): Promise<void> {
  const load = startLoad("./websocket-load.ts", options);
  await messageOf(load);
  load.send({ seconds: SECONDS, offers: 0 } satisfies WebsocketTask);
  await messageOf(load);
  await end(load);
  await delay(SETTLE_MS);
}

async function memoryOf({ child }: PinnedServer): Promise<MemoryReport> {
  child.send("report");
  return (await messageOf(child)) as MemoryReport;
}

/** The next message; a process that ends before it says anything is a fault. */
async function messageOf(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController();
  const onExit = () => ended.abort(new Error("a process of the benchmark ended; see above"));
  child.once("exit", onExit);
  const [message] = (await once(child, "message", { signal: ended.signal })) as [unknown];
  child.off("exit", onExit);
  return message;
}

/** In turns. */
async function measure(held: readonly Held[], { offers }: Way): Promise<Contestant<WebsocketReport>[]> {
  const sides = held.map(({ name, server, load }) => ({ load, row: contestant<WebsocketReport>(name, server) }));
  const announce = async (load: ChildProcess) => {
    load.send({ seconds: SECONDS, offers } satisfies WebsocketTask);
    return (await messageOf(load)) as WebsocketReport;
  };
  for (const { load, row } of sides) await warmUp(row.server, () => announce(load));
  for (let run = 0; run < RUNS; run++) {
    for (const { load, row } of sides) await takeTurn(row, () => announce(load));
  }
  return sides.map(({ row }) => row);
}

function printMemory(held: readonly Held[]): void {
  const npm = held.find(({ name }) => name === NPM);
  const rows = held.map(({ name, usedBytes, residentBytes }) => [
    name,
    whole(usedBytes),
    (usedBytes / (npm?.usedBytes ?? Number.NaN)).toFixed(2),
    whole(residentBytes),
    (residentBytes / (npm?.residentBytes ?? Number.NaN)).toFixed(2),
  ]);
  print(["bytes a connection", "used (heap, buffers)", "÷ npm", "resident", "÷ npm"], rows);
}

function printWay({ name }: Way, rows: readonly Contestant<WebsocketReport>[]): void {
  const npm = rows.find((row) => row.name === NPM);
  const cells = rows.map((row) => [
    row.name,
    whole(median(row.perSecond)),
    whole(median(row.perProcessorSecond)),
    ...ratios(row, npm),
    median(row.reports.map(({ offers, answers }) => offers / answers)).toFixed(2),
    percent(median(row.reports.map(({ processor }) => processor))),
  ]);
  const columns = ["announces a second", "a second of its processor time", ...ratioColumns("npm")];
  print([`announces ${name}`, ...columns, "offers passed on, each", "load generator busy"], cells);
}
