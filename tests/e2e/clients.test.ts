// The clients that hosts run download through the tracker: real processes, each at an address of its own, with no root needed.
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startRtorrent } from "@rackcast/deployer-cli/rtorrent";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runCommand, startCommand } from "../integration/cli-process.ts";
import { type ForeignClient, startAria2, startTransmission } from "../support/foreign-clients.ts";

const ORIGIN = "127.0.9.1";
/** An aria2; only the mixed test starts it. */
const PROMPT_ORIGIN = "127.0.9.2";
const RELEASE = "release.bin";
const PAYLOAD_BYTES = 8 * 2 ** 20;
const PIECE_LENGTH = "256KiB";
const ORIGIN_LINK = { accessMbps: 40, share: 1 };
const SOON_MS = 60_000;

interface Release {
  readonly infoHash: string;
  readonly sha256: string;
  readonly torrentFile: string;
}

/** A client that was started on the release, at an address of its own. */
interface HostClient {
  readonly address: string;
  readonly payloads: string;
  output(): string;
}

type StartClient = (address: string) => Promise<HostClient>;

let folder: string;
let tracker: string;
let release: Release;
let endings: (() => Promise<unknown>)[];
beforeEach(async () => {
  endings = [];
  folder = await mkdtemp(join(tmpdir(), "rackcast-clients-"));
  tracker = await startTracker();
  release = await publish();
  await startOrigin();
});
afterEach(async () => {
  for (const end of endings.toReversed()) await end();
  await rm(folder, { recursive: true, force: true });
});

async function startTracker(): Promise<string> {
  const port = await freePort("127.0.0.1");
  await writeFile(join(folder, "racks"), "127.0.1.0/24 rack1\n127.0.2.0/24 rack2\n");
  const place = ["--host", "127.0.0.1", "--port", `${port}`, "--data-dir", join(folder, "data")];
  const { process: child, outcome } = startCommand(["tracker", ...place, "--topology-file", join(folder, "racks")]);
  endings.push(async () => {
    child.kill("SIGTERM");
    await outcome;
  });
  const url = `http://127.0.0.1:${port}`;
  const answers = async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true;
  await until("the tracker is ready", async () => {
    if (child.exitCode !== null) throw new Error(`the tracker ended: ${(await outcome).stderr}`);
    return await answers();
  });
  return url;
}

async function publish(): Promise<Release> {
  const payload = randomBytes(PAYLOAD_BYTES);
  const [source, torrentFile] = [join(folder, "source"), join(folder, "release.torrent")];
  await mkdir(source);
  await writeFile(join(source, RELEASE), payload);
  const built = ["publish", join(source, RELEASE), "--piece-length", PIECE_LENGTH, "--output", torrentFile, "--json"];
  const origins = [ORIGIN, PROMPT_ORIGIN].flatMap((origin) => ["--origin", origin]);
  const outcome = await runCommand([...built, "--tracker", tracker, "--activate", ...origins]);
  expect(outcome.code, outcome.stderr).toBe(0);
  const { infoHash } = JSON.parse(outcome.stdout) as { infoHash: string };
  return { infoHash, sha256: sha256(payload), torrentFile };
}

async function startHostRtorrent(address: string, directory: string, bandwidth = ORIGIN_LINK) {
  const own = join(folder, address);
  const listenPort = await freePort(address);
  const rtorrent = await startRtorrent({
    configFile: join(own, "rtorrent.rc"),
    settings: {
      directory,
      sessionDirectory: join(own, "session"),
      scgiSocket: join(own, "rpc.sock"),
      bindAddress: address,
      listenPort,
      bandwidth,
    },
    env: { PATH: process.env["PATH"], RACKCAST_TEST_RUN: process.env["RACKCAST_TEST_RUN"] },
  });
  endings.push(() => rtorrent.kill());
  return rtorrent;
}

async function startOrigin(): Promise<void> {
  const directory = join(folder, "source");
  const { control } = await startHostRtorrent(ORIGIN, directory);
  await control.seed(release.torrentFile, { directory, infoHash: release.infoHash });
  await until("the origin has announced", async () => (await seeders()).includes(ORIGIN));
}

async function startPromptOrigin(): Promise<void> {
  const client = await startForeign(startAria2, PROMPT_ORIGIN, join(folder, "source"));
  await untilSeeder(client);
}

const rtorrent: StartClient = async (address) => {
  const payloads = join(folder, address, "payloads");
  const { control, output } = await startHostRtorrent(address, payloads);
  await control.load(release.torrentFile, { start: true, infoHash: release.infoHash });
  return { address, payloads, output };
};
const aria2: StartClient = (address) => startForeign(startAria2, address);
const transmission: StartClient = (address) => startForeign(startTransmission, address);

async function startForeign(
  start: typeof startAria2,
  address: string,
  payloads = join(folder, address),
): Promise<HostClient & ForeignClient> {
  const { torrentFile } = release;
  const [own, port] = [join(folder, address), await freePort(address)];
  const client = await start({ folder: own, payloads, address, port, torrentFile });
  endings.push(() => client.kill());
  return { ...client, address };
}

async function freePort(address: string): Promise<number> {
  const server = createServer().listen(0, address);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

interface SeenHost {
  readonly address: string;
  readonly client: string;
  readonly seeder: boolean;
}

async function hosts(): Promise<SeenHost[]> {
  const response = await fetch(`${tracker}/transfers/${release.infoHash}`);
  return ((await response.json()) as { hosts: SeenHost[] }).hosts;
}

async function seeders(): Promise<string[]> {
  return (await hosts()).filter(({ seeder }) => seeder).map(({ address }) => address);
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + SOON_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${SOON_MS / 1000} s: ${what}`);
    await delay(100);
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Until the host's client has told the tracker that it is complete. */
async function untilSeeder({ address, output }: HostClient): Promise<void> {
  await until(`${address} is complete`, async () => (await seeders()).includes(address)).catch((error: Error) => {
    throw new Error(`${error.message}; the client says: ${output().slice(-500)}`);
  });
}

/** Its copy has to be the payload. */
async function expectDownloaded(client: HostClient): Promise<void> {
  const { payloads } = client;
  await untilSeeder(client);
  expect(sha256(await readFile(join(payloads, RELEASE)))).toBe(release.sha256);
}

it("rtorrent downloads a payload from the origin through the tracker", async () => {
  await expectDownloaded(await rtorrent("127.0.1.1"));
});

// Why there is an aria2 among the origins: aria2 tells of new pieces by a whole bitfield where that is no longer than the HAVEs (with
// 32 pieces always), and at a second bitfield an rtorrent hangs up and refuses the pair for ten minutes. With
// rtorrents alone to take from, an aria2 gets a piece or two from each and no more. Transmission depends on an aria2 in turn: it calls
// no peer in 127.0.0.0/8, and an rtorrent that was complete before Transmission came is told to Transmission, not the other way round.
it("rtorrent, aria2 and Transmission, mixed in two racks, all get a payload through the tracker", async () => {
  await startPromptOrigin();
  const clients = [
    await rtorrent("127.0.1.1"),
    await aria2("127.0.1.2"),
    await transmission("127.0.1.3"),
    await aria2("127.0.2.1"),
    await rtorrent("127.0.2.2"),
  ];
  for (const client of clients) await expectDownloaded(client);
  const seen = (await hosts()).map(({ client }) => client.split("/")[0]);
  expect(new Set(seen)).toEqual(new Set(["rtorrent", "aria2", "transmission"]));
});
