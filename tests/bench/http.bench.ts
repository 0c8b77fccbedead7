// How many announces a second the tracker process answers over HTTP, taking turns with other trackers; each has one core.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { torrent } from "../integration/control-api-world.ts";
import { startRedis } from "../support/redis-server.ts";

export interface HttpMeasure {
  readonly name: string;
  /** Announces a second as the load generator sees them. */
  readonly perSecond: number[];
  /** Announces for each second of processor time that the tracker used. */
  readonly perProcessorSecond: number[];
}

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
}

interface Load {
  readonly requests: number;
  readonly connections: number;
  readonly keepAlive: boolean;
}

const RUNS = 5;
const KEPT: Load = { requests: 100_000, connections: 64, keepAlive: true };
const ANEW: Load = { requests: 20_000, connections: 32, keepAlive: false };
/** Of trackers that would take minutes for as many. */
const SLOWER = 0.2;
/** The core of the servers, which take turns, and that of the load generator. */
const [SERVER_CORE, LOAD_CORE] = ["0", "1"];
const START_TIMEOUT_MS = 20_000;
const LOAD_TIMEOUT_MS = 60_000;
/** What /proc counts in: sysconf(_SC_CLK_TCK) of Linux. */
const TICKS_PER_SECOND = 100;

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Without opentracker when it is not installed. */
export async function measureHttp(): Promise<HttpMeasure[]> {
  const folder = await mkdtemp(join(tmpdir(), "rackcast-bench-"));
  const release = torrent("bench-1.0");
  const servers: Server[] = [];
  const redis = await startRedis({ appendOnly: true });
  try {
    const ours = await startTracker(folder, servers);
    const onRedis = await startTracker(folder, servers, { STORE: "redis", REDIS_URL: redis.url });
    for (const server of [ours, onRedis]) await publish(server, release);
    const ofNpm = await startNpmTracker(servers);
    const other = await startOpentracker(folder, release.infoHash, servers);
    const cases = [
      { server: ours, load: KEPT, measure: emptyMeasure("rackcast, keep-alive") },
      { server: ofNpm, load: slower(KEPT), measure: emptyMeasure("bittorrent-tracker (npm), keep-alive") },
      { server: onRedis, load: slower(KEPT), measure: emptyMeasure("rackcast on Redis, keep-alive") },
      { server: ours, load: ANEW, measure: emptyMeasure("rackcast, a connection each") },
      { server: ofNpm, load: slower(ANEW), measure: emptyMeasure("bittorrent-tracker (npm), a connection each") },
      ...(other ? [{ server: other, load: ANEW, measure: emptyMeasure("opentracker, a connection each") }] : []),
    ];
    for (const { server, load } of cases) await runLoad(server, release.infoHash, slower(load));
    for (let run = 0; run < RUNS; run++) {
      for (const { server, load, measure } of cases)
        await measureOnce(server, { infoHash: release.infoHash, load, measure });
    }
    return cases.map(({ measure }) => measure);
  } finally {
    await Promise.all(servers.map(({ child }) => end(child)));
    await redis.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function slower(load: Load): Load {
  return { ...load, requests: load.requests * SLOWER };
}

function emptyMeasure(name: string): HttpMeasure {
  return { name, perSecond: [], perProcessorSecond: [] };
}

interface Turn {
  readonly infoHash: string;
  readonly load: Load;
  readonly measure: HttpMeasure;
}

async function measureOnce(server: Server, { infoHash, load, measure }: Turn): Promise<void> {
  const before = await processorSeconds(server.child);
  const seconds = await runLoad(server, infoHash, load);
  measure.perSecond.push(load.requests / seconds);
  measure.perProcessorSecond.push(load.requests / ((await processorSeconds(server.child)) - before));
}

/** In user and system mode, all threads together. */
async function processorSeconds(child: ChildProcess): Promise<number> {
  const stat = await readFile(`/proc/${child.pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

async function runLoad({ port }: Server, infoHash: string, load: Load): Promise<number> {
  const options = ["--port", `${port}`, "--info-hash", infoHash, "--requests", `${load.requests}`];
  const flags = load.keepAlive ? ["--keep-alive"] : [];
  const args = [fileOf("./http-load.ts"), ...options, "--connections", `${load.connections}`, ...flags];
  const child = spawn("taskset", ["-c", LOAD_CORE, process.execPath, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: LOAD_TIMEOUT_MS,
  });
  const [[code], output] = await Promise.all([once(child, "close") as Promise<[number | null]>, text(child.stdout)]);
  if (code !== 0) throw new Error(`the load generator ended with code ${code}; see above`);
  return Number(output);
}

async function startTracker(
  folder: string,
  servers: Server[],
  env: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const port = await freePort();
  const topologyFile = join(folder, "racks");
  await writeFile(topologyFile, Array.from({ length: 8 }, (_, rack) => `127.1.${rack}.0/24 rack${rack}\n`).join(""));
  const place = ["--host", "127.0.0.1", "--port", `${port}`, "--data-dir", join(folder, "data")];
  const flags = ["--disable-warning=ExperimentalWarning", "--conditions=@rackcast/source"];
  const command = [...flags, fileOf("../../tracker/src/main.ts"), ...place, "--topology-file", topologyFile];
  const server = startPinned([process.execPath, ...command], port, servers, env);
  await untilServing(server, "/readyz");
  return server;
}

async function startNpmTracker(servers: Server[]): Promise<Server> {
  const port = await freePort();
  const server = startPinned([process.execPath, fileOf("./npm-tracker.ts"), `${port}`], port, servers);
  await untilServing(server, "/");
  return server;
}

function startPinned(
  command: readonly string[],
  port: number,
  servers: Server[],
  env: Readonly<Record<string, string>> = {},
): Server {
  const child = spawn("taskset", ["-c", SERVER_CORE, ...command], { stdio: "ignore", env: { ...process.env, ...env } });
  const server = { child, port };
  servers.push(server);
  return server;
}

async function publish({ port }: Server, release: { infoHash: string; bytes: Uint8Array }): Promise<void> {
  const url = `http://127.0.0.1:${port}/transfers`;
  const headers = { "content-type": "application/x-bittorrent" };
  const registered = await fetch(url, { method: "POST", headers, body: new Uint8Array(release.bytes) });
  const json = { "content-type": "application/json" };
  const activated = await fetch(`${url}/${release.infoHash}/activate`, { method: "POST", headers: json, body: "{}" });
  if (!registered.ok || !activated.ok) throw new Error(`the tracker took no torrent: ${await activated.text()}`);
}

/** opentracker leaves root for `nobody`, in a folder that becomes its root. */
async function startOpentracker(folder: string, infoHash: string, servers: Server[]): Promise<Server | undefined> {
  const port = await freePort();
  const root = join(folder, "opentracker");
  await mkdir(root);
  await writeFile(join(root, "whitelist"), `${infoHash}\n`);
  const whitelist = process.getuid?.() === 0 ? "/whitelist" : join(root, "whitelist");
  const settings = `listen.tcp 127.0.0.1:${port}\ntracker.rootdir ${root}\ntracker.user nobody\naccess.whitelist ${whitelist}\n`;
  await writeFile(join(folder, "opentracker.conf"), settings);
  const isThere = spawnSync("opentracker", ["-v"], { stdio: "ignore" }).error === undefined;
  if (!isThere) return undefined;
  const server = startPinned(["opentracker", "-f", join(folder, "opentracker.conf")], port, servers);
  await untilServing(server, "/");
  return server;
}

async function untilServing({ child, port }: Server, path: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await fetch(`http://127.0.0.1:${port}${path}`).then(Boolean, () => false))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`${child.spawnfile} does not serve`);
    await delay(100);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
