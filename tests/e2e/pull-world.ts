// A tracker, an origin, and hosts that pull: each a real rtorrent at an address of its own, and the rendered script under a real shell.
import { execFile } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type PullSettings, renderPullAgent } from "@rackcast/client-config";
import { type RtorrentProcess, startRtorrent } from "@rackcast/deployer-cli/rtorrent";
import { buildTorrent } from "../../deployer-cli/src/torrent/torrent-building.ts";
import { signTorrent } from "../../deployer-cli/src/torrent/signing.ts";
import { startTrackerCommand } from "../support/tracker-command.ts";

const [ORIGIN, OTHER_ORIGIN] = ["127.0.100.1", "127.0.100.2"];
// Each client takes the first that is free at its address, so that runs can be side by side.
const PORTS = { first: 6850, last: 6889 };
const SOON_MS = 25_000;

export interface Shell {
  readonly name: string;
  readonly command: readonly string[];
  readonly path: string;
}

export interface PullRun {
  readonly code: number;
  readonly stderr: string;
}

export interface HostReport {
  readonly state: string;
  readonly code: string | null;
  readonly message: string | null;
}

export interface PullHost {
  readonly address: string;
  /** Of releases, current, watch, session and pull. */
  readonly folder: string;
  start(): Promise<RtorrentProcess>;
  run(
    args?: readonly string[],
    change?: Partial<PullSettings>,
    env?: Readonly<Record<string, string>>,
  ): Promise<PullRun>;
  report(infoHash: string): Promise<HostReport | null>;
  /** Runs the script until the tracker has this report of it. */
  untilReported(infoHash: string, state: string): Promise<PullRun>;
}

export interface TestRelease {
  readonly name: string;
  readonly files: Readonly<Record<string, Buffer>>;
  readonly target: PullHost;
  /** PEM of the key that it is signed with, if any. */
  readonly privateKey?: string;
}

export interface PullWorld {
  readonly trackerUrl: string;
  readonly folder: string;
  host(address: string, shell: Shell): PullHost;
  /** Publishes, seeds and activates a release for a host, and answers with its info-hash. */
  release(release: TestRelease): Promise<string>;
  /** From a second host, which none has met yet. */
  seedElsewhere(name: string, infoHash: string): Promise<void>;
  /** Also makes it the current one, when it is active. */
  activate(infoHash: string, target: PullHost): Promise<void>;
  deactivate(infoHash: string): Promise<void>;
  close(): Promise<void>;
}

export async function startPullWorld(): Promise<PullWorld> {
  const folder = await mkdtemp(join(tmpdir(), "rackcast-pull-"));
  const endings: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  // Each host by itself, so that none waits for a mate.
  const tracker = await startTrackerCommand(["--data-dir", join(folder, "data")], { UNKNOWN_RACK: "own" });
  endings.push(() => tracker.end("SIGTERM"));
  const source = join(folder, "source");
  const [origin, otherOrigin] = await Promise.all([startOrigin(ORIGIN), startOrigin(OTHER_ORIGIN)]);

  async function startOrigin(bindAddress: string): Promise<RtorrentProcess> {
    const own = join(folder, bindAddress);
    const settings = { ...clientPaths(own), directory: source, listenPort: PORTS, bindAddress };
    const rtorrent = await startRtorrent({ settings, configFile: join(own, "rtorrent.rc") });
    endings.push(() => rtorrent.kill());
    return rtorrent;
  }

  async function call(
    method: string,
    path: string,
    body?: string | Uint8Array<ArrayBuffer>,
    type = "application/json",
  ) {
    const headers = body === undefined ? {} : { "Content-Type": type };
    const response = await fetch(`${tracker.url}${path}`, {
      method,
      headers,
      body: body ?? null,
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  async function activate(infoHash: string, { address }: PullHost): Promise<void> {
    const body = { origins: [ORIGIN, OTHER_ORIGIN], targets: [address], renew: true };
    await call("POST", `/transfers/${infoHash}/activate`, JSON.stringify(body));
  }

  function host(address: string, shell: Shell): PullHost {
    const own = join(folder, address);
    const paths = clientPaths(own);
    const settings: PullSettings = {
      // Nobody listens at the first.
      trackers: ["http://127.0.0.1:9", tracker.url],
      releasesDirectory: paths.directory,
      sessionDirectory: paths.sessionDirectory,
      watchDirectory: join(own, "watch"),
      currentDirectory: join(own, "current"),
      stateDirectory: join(own, "pull"),
      bindAddress: address,
    };

    async function run(args: readonly string[] = [], change: Partial<PullSettings> = {}, env = {}): Promise<PullRun> {
      await mkdir(own, { recursive: true });
      const script = join(own, "rackcast-pull");
      await writeFile(script, renderPullAgent({ ...settings, ...change }));
      return runShell(shell, [script, ...args], env);
    }

    async function report(infoHash: string): Promise<HostReport | null> {
      const response = await call("GET", `/hosts/${address}/transfers`);
      const { transfers } = (await response.json()) as { transfers: { infoHash: string; report: HostReport | null }[] };
      return transfers.find((transfer) => transfer.infoHash === infoHash)?.report ?? null;
    }

    async function untilReported(infoHash: string, state: string): Promise<PullRun> {
      const runs: string[] = [];
      for (const deadline = Date.now() + SOON_MS; Date.now() < deadline; await delay(200)) {
        const outcome = await run();
        runs.push(outcome.stderr);
        if ((await report(infoHash))?.state === state) return outcome;
      }
      throw new Error(`${address} does not report ${state}: ${runs.join("")}`);
    }

    async function start(): Promise<RtorrentProcess> {
      const { watchDirectory } = settings;
      const rtorrent = await startRtorrent({
        settings: { ...paths, listenPort: PORTS, bindAddress: address, ...(watchDirectory && { watchDirectory }) },
        configFile: join(own, "rtorrent.rc"),
      });
      endings.push(() => rtorrent.kill());
      return rtorrent;
    }

    return { address, folder: own, start, run, report, untilReported };
  }

  async function release({ name, files, target, privateKey }: TestRelease): Promise<string> {
    for (const [path, bytes] of Object.entries(files)) {
      await mkdir(dirname(join(source, name, path)), { recursive: true });
      await writeFile(join(source, name, path), bytes);
    }
    const built = await buildTorrent({ path: join(source, name), announceUrl: `${tracker.url}/announce` });
    const { infoHash } = built.torrent;
    const bytes = privateKey === undefined ? built.bytes : signTorrent(built.bytes, name, createPrivateKey(privateKey));
    await call("POST", "/transfers", Buffer.from(bytes), "application/x-bittorrent");
    const torrentFile = join(folder, `${name}.torrent`);
    await writeFile(torrentFile, bytes);
    await activate(infoHash, target);
    await origin.control.seed(torrentFile, { directory: source, infoHash });
    return infoHash;
  }

  return {
    trackerUrl: tracker.url,
    folder,
    host,
    release,
    seedElsewhere: (name, infoHash) =>
      otherOrigin.control.seed(join(folder, `${name}.torrent`), { directory: source, infoHash }),
    activate,
    deactivate: async (infoHash) => void (await call("POST", `/transfers/${infoHash}/deactivate`)),
    async close() {
      for (const end of endings.toReversed()) await end();
    },
  };
}

function clientPaths(own: string) {
  return {
    directory: join(own, "releases"),
    sessionDirectory: join(own, "session"),
    scgiSocket: join(own, "rpc.sock"),
  };
}

function runShell(shell: Shell, args: readonly string[], env: object): Promise<PullRun> {
  const [file = "sh", ...first] = shell.command;
  const options = { env: { PATH: shell.path, ...env } };
  return new Promise((resolve) => {
    execFile(file, [...first, ...args], options, (error, _stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stderr }),
    );
  });
}

/** dash with GNU's programs and curl; BusyBox with its own, and without curl. Those that are installed. */
export async function availableShells(folder: string): Promise<Shell[]> {
  const path = process.env["PATH"] ?? "";
  const find = (name: string) =>
    path
      .split(":")
      .map((place) => join(place, name))
      .find(existsSync);
  const [dash, busybox] = [find("dash"), find("busybox")];
  const shells: Shell[] = dash === undefined ? [] : [{ name: "dash", command: [dash], path }];
  if (busybox === undefined) return shells;
  const own = join(folder, "busybox");
  await mkdir(own);
  await new Promise((resolve) => void execFile(busybox, ["--install", "-s", own], resolve));
  await rm(join(own, "wget"));
  for (const name of ["wget", "openssl", "flock"]) {
    const program = find(name);
    if (program !== undefined && !existsSync(join(own, name))) await symlink(program, join(own, name));
  }
  return [...shells, { name: "busybox", command: [busybox, "sh"], path: own }];
}
