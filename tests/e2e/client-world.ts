// A tracker, a published release, its origins, and real clients that download it: each a process at an address of its own.
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { renderRtorrent, type RtorrentSettings } from "@rackcast/client-config";
import { type RtorrentProcess, startConfiguredRtorrent } from "@rackcast/deployer-cli/rtorrent";
import oracle from "bencode";
import { runCommand, startCommand } from "../integration/cli-process.ts";
import { type StartForeign, startAria2 } from "../support/foreign-clients.ts";
import { endpointText } from "../support/frontend-clients/frontend-client.ts";
import { findServerPort } from "../support/redis-port.ts";
import { RUN_ENVIRONMENT } from "../support/run-environment.ts";

/** A client that was started on the release. */
export interface HostClient {
  readonly address: string;
  /** Where it listens. */
  readonly port: number;
  readonly payloads: string;
  output(): string;
}

export interface ClientStart {
  /** For clients that can, several, joined by commas; the tracker knows it by the first. */
  readonly address: string;
  /** The announce URLs, one tier each; by default the tracker's over HTTP. */
  readonly announce?: readonly string[];
  /** Where its payload is, or goes; a folder of its own by default. */
  readonly payloads?: string;
}

/** A client as the tracker sees it. */
export interface SeenClient extends SeenHost {
  readonly endpoints: readonly string[];
}

interface SeenHost {
  readonly address: string;
  readonly client: string;
  readonly seeder: boolean;
}

export interface ClientWorld {
  /** Where the tracker listens, at every address of this machine. */
  readonly port: number;
  /** Seeds the release, announcing over HTTP; an rtorrent. */
  startOrigin(): Promise<void>;
  /** The same by a client that tells of its pieces at once. */
  startPromptOrigin(): Promise<void>;
  rtorrent(start: ClientStart): Promise<HostClient & Pick<RtorrentProcess, "control">>;
  foreign(client: StartForeign, start: ClientStart): Promise<HostClient>;
  /** In order of arrival. */
  seen(): Promise<SeenHost[]>;
  /** The clients on a host, and where they can be reached: `address:port` or `[address]:port`. */
  seenAt(address: string): Promise<SeenClient[]>;
  /** Until the tracker has been told by the client that it is complete, and the client's copy is the payload. */
  untilDownloaded(client: HostClient): Promise<void>;
  close(): Promise<void>;
}

const ORIGIN = "127.0.9.1";
const PROMPT_ORIGIN = "127.0.9.2";
const RELEASE = "release.bin";
const PAYLOAD_BYTES = 8 * 2 ** 20;
const PIECE_LENGTH = "256KiB";
const ORIGIN_LINK = { accessMbps: 40, share: 1 };
const RACKS = "127.0.1.0/24 rack1\n127.0.2.0/24 rack2\n";
const SOON_MS = 60_000;

export async function startClientWorld(): Promise<ClientWorld> {
  const folder = await mkdtemp(join(tmpdir(), "rackcast-clients-"));
  const endings: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const port = await findServerPort();
  const http = `http://127.0.0.1:${port}`;
  endings.push(await startTracker(folder, port));
  const { infoHash, sha256, torrentFile } = await publish(folder, http);

  /** The same torrent, announced elsewhere. */
  async function torrentOf(announce: readonly string[] | undefined): Promise<string> {
    const [first, ...others] = announce ?? [];
    if (first === undefined) return torrentFile;
    const torrent = oracle.decode(await readFile(torrentFile)) as Record<string, never>;
    const file = join(folder, `${encodeURIComponent([first, ...others].join())}.torrent`);
    const tiers = others.length > 0 ? { "announce-list": [first, ...others].map((url) => [url]) } : {};
    await writeFile(file, oracle.encode({ info: torrent["info"]!, announce: first, ...tiers }));
    return file;
  }

  async function startRtorrentAt({ address, payloads = join(folder, address, "payloads") }: ClientStart) {
    const own = join(folder, address);
    const port = await freePort(address);
    const settings: RtorrentSettings = {
      directory: payloads,
      sessionDirectory: join(own, "session"),
      scgiSocket: join(own, "rpc.sock"),
      bindAddress: address,
      listenPort: port,
      bandwidth: ORIGIN_LINK,
    };
    for (const directory of [settings.directory, settings.sessionDirectory])
      await mkdir(directory, { recursive: true });
    const configFile = join(own, "rtorrent.rc");
    // What is rendered for hosts knows HTTP trackers only.
    const text = renderRtorrent(settings).replace("trackers.use_udp.set = no", "trackers.use_udp.set = yes");
    await writeFile(configFile, text, { mode: 0o600 });
    const { scgiSocket } = settings;
    const rtorrent = await startConfiguredRtorrent({ configFile, scgiSocket, env: RUN_ENVIRONMENT });
    endings.push(() => rtorrent.kill());
    return { ...rtorrent, address, port, payloads };
  }

  async function rtorrent(start: ClientStart): ReturnType<ClientWorld["rtorrent"]> {
    const client = await startRtorrentAt(start);
    await client.control.load(await torrentOf(start.announce), { start: true, infoHash });
    return client;
  }

  async function foreign(start: StartForeign, { address, announce, payloads }: ClientStart) {
    const first = address.split(",", 1)[0]!;
    const port = await freePort(first);
    const own = join(folder, `${address}-${port}`.replaceAll(":", "_"));
    const torrent = await torrentOf(announce);
    const client = await start({ folder: own, payloads: payloads ?? own, address, port, torrentFile: torrent });
    endings.push(() => client.kill());
    return { ...client, address: first, port };
  }

  async function seen(): Promise<SeenHost[]> {
    const response = await fetch(`${http}/transfers/${infoHash}`);
    return ((await response.json()) as { hosts: SeenHost[] }).hosts;
  }

  async function seenAt(address: string): Promise<SeenClient[]> {
    const response = await fetch(`${http}/transfers/${infoHash}/explain/${address}`);
    return ((await response.json()) as { peers: { peer: SeenClient }[] }).peers.map(({ peer }) => peer);
  }

  async function untilSeeder({ address, port: own, output }: Omit<HostClient, "payloads">): Promise<void> {
    const endpoint = endpointText(address, own);
    const isSeeder = async () =>
      (await seenAt(address)).some(({ seeder, endpoints }) => seeder && endpoints.includes(endpoint));
    await until(`${endpoint} is complete`, isSeeder).catch(async (error: Error) => {
      const hosts = JSON.stringify(await seen());
      throw new Error(`${error.message}; the client says: ${output().slice(-500)}; the tracker sees: ${hosts}`);
    });
  }

  return {
    port,
    async startOrigin() {
      const directory = join(folder, "source");
      const origin = await startRtorrentAt({ address: ORIGIN, payloads: directory });
      await origin.control.seed(torrentFile, { directory, infoHash });
      await untilSeeder(origin);
    },
    async startPromptOrigin() {
      await untilSeeder(await foreign(startAria2, { address: PROMPT_ORIGIN, payloads: join(folder, "source") }));
    },
    rtorrent,
    foreign,
    seen,
    seenAt,
    async untilDownloaded(client) {
      await untilSeeder(client);
      const copy = sha256Of(await readFile(join(client.payloads, RELEASE)));
      if (copy !== sha256) throw new Error(`the copy of ${client.address} is not the payload`);
    },
    async close() {
      for (const end of endings.toReversed()) await end();
    },
  };
}

async function startTracker(folder: string, port: number): Promise<() => Promise<unknown>> {
  await writeFile(join(folder, "racks"), RACKS);
  const place = ["--host", "::", "--port", `${port}`, "--data-dir", join(folder, "data")];
  const { process: child, outcome } = startCommand(["tracker", ...place, "--topology-file", join(folder, "racks")]);
  await until("the tracker is ready", async () => {
    if (child.exitCode !== null) throw new Error(`the tracker ended: ${(await outcome).stderr}`);
    return (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok === true;
  });
  return async () => {
    child.kill("SIGTERM");
    await outcome;
  };
}

async function publish(folder: string, tracker: string) {
  const payload = randomBytes(PAYLOAD_BYTES);
  const [source, torrentFile] = [join(folder, "source"), join(folder, "release.torrent")];
  await mkdir(source);
  await writeFile(join(source, RELEASE), payload);
  const built = ["publish", join(source, RELEASE), "--piece-length", PIECE_LENGTH, "--output", torrentFile, "--json"];
  const origins = [ORIGIN, PROMPT_ORIGIN].flatMap((origin) => ["--origin", origin]);
  const outcome = await runCommand([...built, "--tracker", tracker, "--activate", ...origins]);
  if (outcome.code !== 0) throw new Error(outcome.stderr);
  const { infoHash } = JSON.parse(outcome.stdout) as { infoHash: string };
  return { infoHash, sha256: sha256Of(payload), torrentFile };
}

async function freePort(address: string): Promise<number> {
  const server = createServer().listen(0, address);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + SOON_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${SOON_MS / 1000} s: ${what}`);
    await delay(100);
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
