// The trackers that are compared, each a process on the same core, and load generators on another.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { racksFile } from "./fleet.ts";

export interface PinnedServer {
  readonly child: ChildProcess;
  readonly port: number;
}

type Environment = Readonly<Record<string, string>>;

export interface PinnedServers {
  /** Ours, with the fleet's racks. */
  startTracker(environment?: Environment): Promise<PinnedServer>;
  /** bittorrent-tracker (npm). */
  startNpmTracker(): Promise<PinnedServer>;
  /** Undefined when it is not installed. */
  startOpentracker(infoHash: string): Promise<PinnedServer | undefined>;
}

/** The core of the servers, which take turns, and that of the load generators. */
const [SERVER_CORE, LOAD_CORE] = ["0", "1"];
const START_TIMEOUT_MS = 60_000;
const LOAD_TIMEOUT_MS = 120_000;
/** What /proc counts in: sysconf(_SC_CLK_TCK) of Linux. */
export const TICKS_PER_SECOND = 100;
const NODE = [process.execPath, "--disable-warning=ExperimentalWarning", "--conditions=@rackcast/source"];

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Ends all of them when `use` is done. */
export async function withPinnedServers<Result>(use: (servers: PinnedServers) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "rackcast-bench-"));
  const children: ChildProcess[] = [];

  function start(command: readonly string[], port: number, environment: Environment = {}): PinnedServer {
    const env = { ...process.env, ...environment };
    // The channel is for memory-probe.ts.
    const child = spawn("taskset", ["-c", SERVER_CORE, ...command], {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      env,
    });
    children.push(child);
    return { child, port };
  }

  async function startTracker(environment?: Environment): Promise<PinnedServer> {
    const port = await freePort();
    const topologyFile = join(folder, "racks");
    await writeFile(topologyFile, racksFile());
    const place = ["--host", "127.0.0.1", "--port", `${port}`, "--data-dir", join(folder, `data-${port}`)];
    const command = [...withProbe(), fileOf("../../tracker/src/main.ts"), ...place, "--topology-file", topologyFile];
    return serving(start(command, port, environment), "/readyz");
  }

  async function startNpmTracker(): Promise<PinnedServer> {
    const port = await freePort();
    return serving(start([...withProbe(), fileOf("./npm-tracker.ts"), `${port}`], port), "/");
  }

  /** It leaves root for `nobody`, in a folder that becomes its root. */
  async function startOpentracker(infoHash: string): Promise<PinnedServer | undefined> {
    if (spawnSync("opentracker", ["-v"], { stdio: "ignore" }).error !== undefined) return undefined;
    const port = await freePort();
    const root = join(folder, `opentracker-${port}`);
    await mkdir(root);
    await writeFile(join(root, "whitelist"), `${infoHash}\n`);
    const whitelist = process.getuid?.() === 0 ? "/whitelist" : join(root, "whitelist");
    const listening = `listen.tcp 127.0.0.1:${port}\nlisten.udp 127.0.0.1:${port}\n`;
    const settings = `${listening}tracker.rootdir ${root}\ntracker.user nobody\naccess.whitelist ${whitelist}\n`;
    await writeFile(`${root}.conf`, settings);
    return serving(start(["opentracker", "-f", `${root}.conf`], port), "/");
  }

  try {
    return await use({ startTracker, startNpmTracker, startOpentracker });
  } finally {
    await Promise.all(children.map(end));
    await rm(folder, { recursive: true, force: true });
  }
}

function withProbe(): string[] {
  return [...NODE, "--import", fileOf("./memory-probe.ts")];
}

export interface Release {
  readonly infoHash: string;
  readonly bytes: Uint8Array;
}

/** Registers and activates a torrent with our tracker. */
export async function publish({ port }: PinnedServer, release: Release): Promise<void> {
  const url = `http://127.0.0.1:${port}/transfers`;
  const headers = { "content-type": "application/x-bittorrent" };
  const registered = await fetch(url, { method: "POST", headers, body: new Uint8Array(release.bytes) });
  const json = { "content-type": "application/json" };
  const activated = await fetch(`${url}/${release.infoHash}/activate`, { method: "POST", headers: json, body: "{}" });
  if (!registered.ok || !activated.ok) throw new Error(`the tracker took no torrent: ${await activated.text()}`);
}

/** Starts a load generator, a file beside this one, on a core that no server has. */
export function startLoad(file: string, options: Readonly<Record<string, string | number>>): ChildProcess {
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  return spawn("taskset", ["-c", LOAD_CORE, ...NODE, fileOf(file), ...args], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
}

/** What a load generator printed at its end, which is JSON. */
export async function runLoad(file: string, options: Readonly<Record<string, string | number>>): Promise<unknown> {
  const child = startLoad(file, options);
  const timer = setTimeout(() => child.kill("SIGKILL"), LOAD_TIMEOUT_MS);
  const output = child.stdout === null ? Promise.resolve("") : text(child.stdout);
  const [[code], printed] = await Promise.all([once(child, "close") as Promise<[number | null]>, output]);
  clearTimeout(timer);
  if (code !== 0) throw new Error(`the load generator ended with code ${code}; see above`);
  return JSON.parse(printed);
}

/** In user and system mode, all threads together. */
export async function processorSeconds({ pid }: ChildProcess): Promise<number> {
  return secondsIn(`/proc/${pid}/stat`);
}

/** The same of the thread that a Node process begins with. */
export async function mainThreadSeconds({ pid }: ChildProcess): Promise<number> {
  return secondsIn(`/proc/${pid}/task/${pid}/stat`);
}

async function secondsIn(file: string): Promise<number> {
  const stat = await readFile(file, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

async function serving(server: PinnedServer, path: string): Promise<PinnedServer> {
  const { child, port } = server;
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await fetch(`http://127.0.0.1:${port}${path}`).then(Boolean, () => false))) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`${child.spawnargs.join(" ")} does not serve`);
    await delay(100);
  }
  return server;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
