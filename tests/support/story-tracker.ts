// A whole tracker in this process, on real ports, and transfers to announce to.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readConfig } from "../../tracker/src/config/config.ts";
import { createTracker } from "../../tracker/src/tracker.ts";
import { encodeBencode } from "../../tracker/src/wire/bencode.ts";
import { makeCertificates } from "./certificates.ts";
import { findServerPort } from "./redis-port.ts";

export interface StoryTracker {
  readonly port: number;
  /** Where it speaks TLS, and the authority that says who it is. */
  readonly tls: { readonly port: number; readonly ca: string };
  /** What went wrong inside. */
  readonly complaints: readonly string[];
  readonly url: string;
  close(): Promise<void>;
}

const PIECE_BYTES = 16_384;
let published = 0;

/** `settings` by their names in the environment; every address listened to is one of this machine. */
export async function startStoryTracker(settings: Readonly<Record<string, string>>): Promise<StoryTracker> {
  const folder = await mkdtemp(join(tmpdir(), "rackcast-story-"));
  const topologyFile = join(folder, "racks");
  await writeFile(topologyFile, "127.0.1.0/24 rack1\n::1/128 rack1\n127.0.2.0/24 rack2\n");
  const port = await findServerPort();
  const tlsPort = await findServerPort();
  const { caFile, certFile, keyFile } = makeCertificates(folder);
  const tls = { TLS_PORT: `${tlsPort}`, TLS_CERT: certFile, TLS_KEY: keyFile };
  const env = { PORT: `${port}`, DATA_DIR: folder, TOPOLOGY_FILE: topologyFile, ...tls, ...settings };
  const config = readConfig({ args: [], env, readFile: () => "" });
  if (config === "help") throw new Error("help was not asked for");
  const complaints: string[] = [];
  const error = (details: object, message: string) =>
    void complaints.push(`${message} ${JSON.stringify(details, errorText)}`);
  const log = { error, warn: () => {}, info: () => {}, debug: () => {} };
  const tracker = createTracker(config, { now: Date.now, random: Math.random, log });
  await tracker.start();
  return {
    port,
    tls: { port: tlsPort, ca: await readFile(caFile, "utf8") },
    url: `http://127.0.0.1:${port}`,
    complaints,
    async close() {
      await tracker.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function errorText(_: string, value: unknown): unknown {
  return value instanceof Error ? value.stack : value;
}

/** Activates as many new torrents; gives a function that takes one after the other, by info-hash, once all trackers serve them. */
export async function publishTransfers(trackers: readonly StoryTracker[], count: number): Promise<() => string> {
  const { url } = trackers[0]!;
  const infoHashes = await Promise.all(Array.from({ length: count }, () => publish(url)));
  for (const tracker of trackers) {
    for (const infoHash of infoHashes) while (!(await serves(tracker, infoHash))) await delay(20);
  }
  return () => {
    const next = infoHashes.pop();
    if (next === undefined) throw new Error(`more than ${count} transfers are asked for; publish more`);
    return next;
  };
}

async function publish(url: string): Promise<string> {
  return await publishTorrent(url, storyTorrent(`story-${++published}`));
}

/** Registers and activates the torrent of a .torrent file; gives its info-hash. */
export async function publishTorrent(url: string, torrent: Uint8Array): Promise<string> {
  const registered = await fetch(`${url}/transfers`, {
    method: "POST",
    headers: { "content-type": "application/x-bittorrent" },
    body: new Uint8Array(torrent),
  });
  if (!registered.ok) throw new Error(await registered.text());
  const { infoHash } = (await registered.json()) as { infoHash: string };
  const json = { "content-type": "application/json" };
  const activated = await fetch(`${url}/transfers/${infoHash}/activate`, { method: "POST", headers: json, body: "{}" });
  if (!activated.ok) throw new Error(await activated.text());
  return infoHash;
}

/** A tracker hears of what was registered at another one a moment later. */
async function serves({ url }: StoryTracker, infoHash: string): Promise<boolean> {
  const response = await fetch(`${url}/transfers/${infoHash}`);
  return response.ok && ((await response.json()) as { state: string }).state === "active";
}

function storyTorrent(name: string): Buffer {
  const info = { name, length: PIECE_BYTES, "piece length": PIECE_BYTES, pieces: Buffer.alloc(20, 1), private: 1 };
  return Buffer.from(encodeBencode({ announce: "http://tracker.invalid/announce", info }));
}
