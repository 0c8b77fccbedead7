// A whole tracker in this process, on real ports, and transfers to announce to.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../tracker/src/config/config.ts";
import { createTracker } from "../../tracker/src/tracker.ts";
import { encodeBencode } from "../../tracker/src/wire/bencode.ts";
import { findServerPort } from "./redis-port.ts";

export interface StoryTracker {
  readonly port: number;
  /** What went wrong inside. */
  readonly complaints: readonly string[];
  /** Registers a torrent that is like no other and activates it; gives its info-hash. */
  publish(): Promise<string>;
  serves(infoHash: string): Promise<boolean>;
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
  const env = { PORT: `${port}`, DATA_DIR: folder, TOPOLOGY_FILE: topologyFile, ...settings };
  const config = readConfig({ args: [], env, readFile: () => "" });
  if (config === "help") throw new Error("help was not asked for");
  const complaints: string[] = [];
  const error = (details: object, message: string) =>
    void complaints.push(`${message} ${JSON.stringify(details, errorText)}`);
  const log = { error, warn: () => {}, info: () => {}, debug: () => {} };
  const tracker = createTracker(config, { now: Date.now, random: Math.random, log });
  await tracker.start();
  const url = `http://127.0.0.1:${port}`;
  return {
    port,
    complaints,
    publish: () => publish(url),
    async serves(infoHash) {
      const response = await fetch(`${url}/transfers/${infoHash}`);
      return response.ok && ((await response.json()) as { state: string }).state === "active";
    },
    async close() {
      await tracker.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function errorText(_: string, value: unknown): unknown {
  return value instanceof Error ? value.stack : value;
}

async function publish(url: string): Promise<string> {
  const registered = await fetch(`${url}/transfers`, {
    method: "POST",
    headers: { "content-type": "application/x-bittorrent" },
    body: new Uint8Array(storyTorrent(`story-${++published}`)),
  });
  if (!registered.ok) throw new Error(await registered.text());
  const { infoHash } = (await registered.json()) as { infoHash: string };
  const json = { "content-type": "application/json" };
  const activated = await fetch(`${url}/transfers/${infoHash}/activate`, { method: "POST", headers: json, body: "{}" });
  if (!activated.ok) throw new Error(await activated.text());
  return infoHash;
}

function storyTorrent(name: string): Buffer {
  const info = { name, length: PIECE_BYTES, "piece length": PIECE_BYTES, pieces: Buffer.alloc(20, 1), private: 1 };
  return Buffer.from(encodeBencode({ announce: "http://tracker.invalid/announce", info }));
}
