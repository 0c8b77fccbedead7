// Announce keys on trackers as they are run: by every way that announces come, with either registry.
import { mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import oracle from "bencode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newPeer } from "../conformance/frontend-story-suite.ts";
import type { FrontendClient, StoryReply } from "../support/frontend-clients/frontend-client.ts";
import { createHttpClient } from "../support/frontend-clients/http-client.ts";
import { createUdpClient } from "../support/frontend-clients/udp-client.ts";
import { createWebtorrentClients } from "../support/frontend-clients/webtorrent-client.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { publishTorrent, type StoryTracker, startStoryTracker } from "../support/story-tracker.ts";
import { startTrackerCommand, type TrackerCommand } from "../support/tracker-command.ts";
import { torrent } from "./control-api-world.ts";

interface Way {
  readonly name: string;
  connect(port: number, announceKey: string | undefined): FrontendClient;
}

const APP = torrent("app");
const WRONG_KEY = "0".repeat(32);
const kept = new Agent({ keepAlive: true, maxSockets: 1 });
const connectWebtorrent = createWebtorrentClients();
const http = (name: string, request: object): Way => ({
  name,
  connect: (port, announceKey) => createHttpClient({ host: "127.0.0.1", port, compact: true, announceKey, request }),
});
const WEBTORRENT: Way = {
  name: "WebTorrent",
  connect: (port, key) => connectWebtorrent({ port, path: `/announce${key ? `/${key}` : ""}` }),
};
const WAYS: readonly Way[] = [
  http("HTTP on a connection that is kept", { agent: kept }),
  http("HTTP behind node:http", { headers: { "content-length": "0" } }),
  { name: "UDP", connect: (port, announceKey) => createUdpClient({ host: "127.0.0.1", port, announceKey }) },
  WEBTORRENT,
];
const MISSING = expect.stringMatching(/^announce key missing; issue one with `rackcast keys issue`/) as string;
const UNKNOWN = expect.stringMatching(
  /^announce key unknown or revoked; issue one with `rackcast keys issue`/,
) as string;

afterAll(() => kept.destroy());

/** What a new peer is told. */
async function announce({ connect }: Way, url: string, announceKey?: string): Promise<StoryReply> {
  const client = connect(Number(new URL(url).port), announceKey);
  try {
    const peer = newPeer("ipv4");
    return await client.announce({ infoHash: APP.infoHash, peer, left: 9, event: "started", numwant: 0 });
  } finally {
    await client.close();
  }
}

async function call(url: string, method: string, path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}${path}`, { method });
  return response.status === 204 ? {} : ((await response.json()) as Record<string, unknown>);
}

async function issue(url: string, user: string): Promise<string> {
  return String((await call(url, "POST", `/announce-keys/${user}`))["key"]);
}

async function faults(url: string): Promise<unknown[]> {
  const counts = (await call(url, "GET", "/health"))["faults"] as Record<string, number>;
  return [counts["announce-key-missing"] ?? 0, counts["announce-key-unknown"] ?? 0];
}

const served = { kind: "peers" };
const refused = (reason: string) => ({ kind: "failure", reason });

describe.each(["memory", "redis"])("a tracker with STORE=%s and ANNOUNCE_KEYS=required", (store) => {
  let folder: string;
  let redis: RedisServer | undefined;
  let tracker: TrackerCommand;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "rackcast-keys-"));
    redis = store === "redis" ? await startRedis() : undefined;
    const env = { ANNOUNCE_KEYS: "required", STORE: store, ...(redis && { REDIS_URL: redis.url }) };
    tracker = await startTrackerCommand(["--data-dir", folder], env);
    await publishTorrent(tracker.url, APP.bytes);
  });
  afterAll(async () => {
    await tracker.end("SIGKILL");
    await redis?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(WAYS)("serves hosts by $name with a key until it is revoked, and refuses and counts others", async (way) => {
    const { url } = tracker;
    const [missing, unknown] = (await faults(url)) as [number, number];
    const key = await issue(url, "web");
    expect(await announce(way, url)).toEqual(refused(MISSING));
    expect(await announce(way, url, WRONG_KEY)).toEqual(refused(UNKNOWN));
    expect(await announce(way, url, key)).toMatchObject(served);
    await call(url, "DELETE", "/announce-keys/web");
    expect(await announce(way, url, key)).toEqual(refused(UNKNOWN));
    expect(await faults(url)).toEqual([missing + 1, unknown + 2]);
  });

  it("serves scrapes as before, whatever is in their path", async () => {
    const response = await fetch(`${tracker.url}/scrape/${WRONG_KEY}?info_hash=${APP.infoHash.replace(/../g, "%$&")}`);
    expect(await response.text()).toContain("8:complete");
  });

  it("serves a host that has the torrent with its key", async () => {
    const key = await issue(tracker.url, "torrent");
    const response = await fetch(`${tracker.url}/transfers/${APP.infoHash}/torrent?announceKey=${key}`);
    const { announce: announced } = oracle.decode(new Uint8Array(await response.arrayBuffer())) as {
      announce: Uint8Array;
    };
    const { pathname } = new URL(Buffer.from(announced).toString());
    expect(await announce(WAYS[0]!, tracker.url, pathname.replace("/announce/", ""))).toMatchObject(served);
  });
});

it("a tracker that was started again honours keys and revocations of before", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "rackcast-keys-"));
  const start = () => startStoryTracker({ HOST: "127.0.0.1", DATA_DIR: dataDir, ANNOUNCE_KEYS: "required" });
  const before = await start();
  await publishTorrent(before.url, APP.bytes);
  const [stays, goes] = [await issue(before.url, "stays"), await issue(before.url, "goes")];
  await call(before.url, "DELETE", "/announce-keys/goes");
  await before.close();
  const after = await start();
  try {
    expect(await announce(WAYS[0]!, after.url, stays)).toMatchObject(served);
    expect(await announce(WAYS[0]!, after.url, goes)).toEqual(refused(UNKNOWN));
  } finally {
    await after.close();
    rmSync(dataDir, { recursive: true });
  }
});

it("a second tracker on the same Redis honours within a second what the first issued and revoked", async () => {
  const redis = await startRedis();
  const env = { HOST: "127.0.0.1", STORE: "redis", REDIS_URL: redis.url, ANNOUNCE_KEYS: "required" };
  const [one, other] = [await startStoryTracker(env), await startStoryTracker(env)];
  try {
    await publishTorrent(one.url, APP.bytes);
    const key = await issue(one.url, "web");
    const kinds = async () => (await announce(WAYS[0]!, other.url, key)).kind;
    await expect.poll(kinds, { timeout: 1000 }).toBe("peers");
    await call(one.url, "DELETE", "/announce-keys/web");
    await expect.poll(kinds, { timeout: 1000 }).toBe("failure");
  } finally {
    await one.close();
    await other.close();
    await redis.close();
  }
});

describe.each([
  ["off", served, served],
  ["optional", served, refused(UNKNOWN)],
])("a tracker with ANNOUNCE_KEYS=%s", (mode, withoutKey, withWrongKey) => {
  let tracker: StoryTracker;
  beforeAll(async () => {
    tracker = await startStoryTracker({ HOST: "127.0.0.1", ANNOUNCE_KEYS: mode });
    await publishTorrent(tracker.url, APP.bytes);
  });
  afterAll(async () => tracker.close());

  it.each(WAYS)("answers hosts by $name without a key, with a wrong one, and with one that was issued", async (way) => {
    const key = await issue(tracker.url, "web");
    expect(await announce(way, tracker.url)).toMatchObject(withoutKey);
    expect(await announce(way, tracker.url, WRONG_KEY)).toMatchObject(withWrongKey);
    expect(await announce(way, tracker.url, key)).toMatchObject(served);
    await call(tracker.url, "DELETE", "/announce-keys/web");
  });

  it("forgets a WebTorrent peer whose connection ends, though its key was revoked, and blames nobody", async () => {
    const key = await issue(tracker.url, "web");
    const before = await faults(tracker.url);
    const [client, observer] = [key, key].map((each) => WEBTORRENT.connect(tracker.port, each));
    await client!.announce({ infoHash: APP.infoHash, peer: newPeer("ipv4"), left: 9, event: "started", numwant: 0 });
    const incomplete = async () => (await observer!.scrape(APP.infoHash))?.incomplete;
    expect(await incomplete()).toBe(1);
    await call(tracker.url, "DELETE", "/announce-keys/web");
    await client!.close();
    await expect.poll(incomplete, { timeout: 1000 }).toBe(0);
    await observer!.close();
    expect(await faults(tracker.url)).toEqual(before);
  });
});
