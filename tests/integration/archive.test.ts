// Holds that a deactivated transfer's swarm goes out of the way at once, whole, and without keeping Redis from anybody.
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { Cluster, Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type SwarmArchive, createArchive } from "../../tracker/src/store/redis/archive.ts";
import { createArchiveJob } from "../../tracker/src/store/redis/archive-job.ts";
import { DEFAULT_POLICY } from "../../tracker/src/swarm/policy.ts";
import { createTrackerStore } from "../conformance/redis-trackers.ts";
import { announceOf, createClient, launch, terms, THREE_LEVELS } from "../conformance/swarm-world.ts";
import { startRedisCluster } from "../support/redis-cluster.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { INFO_HASH, keysOf, PREFIX, writeSwarm } from "./archive-world.ts";

const NOW = Date.parse("2026-11-24T14:00:00.000Z");
const ARCHIVE = `2026-11-24T14:00:00.000Z:${PREFIX}`;
const DAYS = 30;
const LIFETIME_SECONDS = DAYS * 86_400;
const NEVER = new AbortController().signal;

let redis: RedisServer;
let archive: SwarmArchive;
beforeEach(async () => {
  redis = await startRedis();
  archive = createArchive({ client: redis.client, archiveDays: DAYS });
});
afterEach(async () => redis.close());

it("puts the swarm aside at once, and all of it in the end, but for the transfer and its torrent", async () => {
  await writeSwarm(redis.client, { peers: 250, departed: 120, racks: 40 });
  const before = await swarmKeys();
  const name = await archive.begin(INFO_HASH, NOW);
  expect(await redis.client.exists(`${PREFIX}swarm`, `${PREFIX}peers:N`, `${PREFIX}changes`)).toBe(0);
  while (!(await archive.continue(name!)));
  expect(await swarmKeys()).toEqual(["torrent", "transfer"]);
  const after = (await keysOf(redis.client)).filter((key) => key.startsWith(ARCHIVE));
  const expected = [...before.filter((key) => key !== "torrent"), "progress"].sort();
  expect(after.map((key) => key.slice(ARCHIVE.length))).toEqual(expected);
  expect(await redis.client.hget(`${ARCHIVE}peer:10.0.0.7:6881`, "serial")).toBe("1000000007");
  expect(await redis.client.hget(`${ARCHIVE}transfer`, "name")).toBe("release");
});

it("lets every key of an archive expire, not before its time, nor all at once", async () => {
  await writeSwarm(redis.client, { peers: 1000, racks: 10 });
  await archive.finish(INFO_HASH, NOW);
  const keys = (await keysOf(redis.client)).filter((key) => key.startsWith(ARCHIVE));
  const lifetimes = await Promise.all(keys.map(async (key) => redis.client.ttl(key)));
  expect(Math.min(...lifetimes)).toBeGreaterThan(LIFETIME_SECONDS - 60);
  expect(Math.max(...lifetimes)).toBeLessThan(LIFETIME_SECONDS + 2 * 3600);
  const atOnce = Map.groupBy(lifetimes, (seconds) => seconds);
  expect(Math.max(...[...atOnce.values()].map(({ length }) => length))).toBeLessThan(250);
});

it.each([
  ["one level", DEFAULT_POLICY, (rack: number) => [`r${rack}`]],
  ["three levels", THREE_LEVELS, (rack: number) => ["ams", `row${rack % 2}`, `r${rack}`]],
] as const)("leaves nothing of what a store wrote of a swarm of %s", async (_levels, policy, pathOf) => {
  const store = createTrackerStore(redis.client, policy, Math.random);
  await redis.client.hset(`${PREFIX}transfer`, { state: "active" });
  const fleet = Array.from({ length: 40 }, (_, host) => createClient({ path: pathOf(host % 4), host: host + 1 }));
  const ask = async (client: (typeof fleet)[number], event: "started" | "stopped", now: number) =>
    store.announce({ infoHash: INFO_HASH, announce: announceOf(client, event), terms: terms([fleet[0]!]), now });
  for (const client of fleet) launch(client);
  fleet[0]!.left = 0;
  await Promise.all(fleet.map(async (client) => ask(client, "started", NOW)));
  await Promise.all(fleet.slice(30).map(async (client) => ask(client, "stopped", NOW + 1000)));
  expect((await swarmKeys()).filter((key) => key.startsWith("peer:"))).toHaveLength(40);
  await redis.client.hset(`${PREFIX}transfer`, { state: "inactive" });
  await archive.finish(INFO_HASH, NOW);
  expect(await swarmKeys()).toEqual(["transfer"]);
  const archived = (await keysOf(redis.client)).filter((key) => key.startsWith(`${ARCHIVE}peer:`));
  expect(archived).toHaveLength(40);
  await store.close();
});

it("leaves the swarm of an active transfer alone, and what is not there", async () => {
  await writeSwarm(redis.client, { peers: 10, racks: 1 });
  await redis.client.hset(`${PREFIX}transfer`, { state: "active" });
  const before = await swarmKeys();
  expect(await archive.begin(INFO_HASH, NOW)).toBeUndefined();
  await archive.finish(INFO_HASH, NOW);
  expect(await swarmKeys()).toEqual(before);
  await redis.client.flushall();
  expect(await archive.begin(INFO_HASH, NOW)).toBeUndefined();
  expect(await keysOf(redis.client)).toEqual([]);
});

it("takes the turn from a tracker that was about to commit", async () => {
  await writeSwarm(redis.client, { peers: 10, racks: 1 });
  await redis.client.hset(`${PREFIX}swarm`, { turn: "mine", turn_until: Date.now() + 60_000 });
  await archive.begin(INFO_HASH, NOW);
  expect(await redis.client.hget(`${PREFIX}swarm`, "turn")).toBeNull();
});

it("is gone on with by the job of another tracker when the one that began it dies", async () => {
  await writeSwarm(redis.client, { peers: 700, departed: 100, racks: 40 });
  const name = await archive.begin(INFO_HASH, NOW);
  for (let calls = 0; calls < 3; calls++) expect(await archive.continue(name!)).toBe(false);
  expect(await swarmKeys()).not.toEqual(["torrent", "transfer"]);
  await runJob(NOW);
  expect(await swarmKeys()).toEqual(["torrent", "transfer"]);
  expect(await archive.list(10)).toEqual([{ ...name, expiresAt: expect.any(Number) }]);
});

it("is begun by the job when the tracker that deactivated the transfer died before it listed the archive", async () => {
  await writeSwarm(redis.client, { peers: 10, racks: 1 });
  await runJob(NOW);
  expect(await swarmKeys()).toEqual(["torrent", "transfer"]);
});

it("is begun by the job when the tracker died after it listed the archive, in the name that is listed", async () => {
  await writeSwarm(redis.client, { peers: 10, racks: 1 });
  await redis.client.srem("transfers", INFO_HASH.toUpperCase());
  await redis.client.zadd("archives", 0, ARCHIVE.slice(0, -1));
  await runJob(NOW + 60_000);
  expect(await swarmKeys()).toEqual(["torrent", "transfer"]);
  expect(await redis.client.exists(`${ARCHIVE}peers:N`)).toBe(1);
});

it("is whole when several trackers go on with it at once", async () => {
  await writeSwarm(redis.client, { peers: 2000, racks: 30 });
  await Promise.all([1, 2, 3].map(async () => archive.finish(INFO_HASH, NOW)));
  expect(await swarmKeys()).toEqual(["torrent", "transfer"]);
  expect(await redis.client.hget(`${ARCHIVE}progress`, "stage")).toBe("done");
});

it("does not mix with the swarm of the next activation", async () => {
  await writeSwarm(redis.client, { peers: 500, racks: 10 });
  await archive.begin(INFO_HASH, NOW);
  await archive.finish(INFO_HASH, NOW + 1000);
  await writeSwarm(redis.client, { peers: 5, racks: 1 });
  await archive.finish(INFO_HASH, NOW + 2000);
  expect((await archive.list(10)).map(({ datetime }) => datetime)).toEqual([
    "2026-11-24T14:00:02.000Z",
    "2026-11-24T14:00:00.000Z",
  ]);
  expect(await redis.client.zcard(`${ARCHIVE}peers:N`)).toBe(500);
  expect(await redis.client.zcard(`2026-11-24T14:00:02.000Z:${PREFIX}peers:N`)).toBe(5);
});

it("completes the archive of one deactivation before it begins that of the next", async () => {
  await writeSwarm(redis.client, { peers: 500, racks: 10 });
  await archive.begin(INFO_HASH, NOW);
  await redis.client.hset(`${PREFIX}swarm`, { epoch: "two" });
  const next = await archive.begin(INFO_HASH, NOW + 1000);
  expect(next?.datetime).toBe("2026-11-24T14:00:01.000Z");
  expect(await redis.client.hget(`${ARCHIVE}progress`, "stage")).toBe("done");
});

it("is forgotten, large keys first, when its time is over", async () => {
  await writeSwarm(redis.client, { peers: 300, racks: 3 });
  await archive.finish(INFO_HASH, NOW);
  const [{ expiresAt } = { expiresAt: undefined }] = await archive.list(10);
  await runJob(expiresAt! - 1);
  expect(await archive.list(10)).toHaveLength(1);
  await runJob(expiresAt! + 1);
  expect(await archive.list(10)).toEqual([]);
  expect(await redis.client.exists(`${ARCHIVE}peers:N`, `${ARCHIVE}changes`, `${ARCHIVE}transfer`)).toBe(0);
});

it("gets over foreign data under the swarm's keys", async () => {
  await writeSwarm(redis.client, { peers: 10, racks: 1 });
  await redis.client.set(`${PREFIX}departed`, "foreign");
  await archive.finish(INFO_HASH, NOW);
  expect(await swarmKeys()).toEqual(["torrent", "transfer"]);
  expect(await redis.client.get(`${ARCHIVE}departed`)).toBe("foreign");
});

// What one script does is bounded, whatever the machine; how long it takes is told of the usual one, since Redis' clock runs on while others have
// the processor.
it("keeps Redis for no more than a few dozen keys at a time, with 20,000 peers", async () => {
  await writeSwarm(redis.client, { peers: 20_000, departed: 2000, racks: 500, tellings: 40_000 });
  await redis.client.config("SET", "slowlog-log-slower-than", "200");
  await redis.client.config("SET", "slowlog-max-len", "10000");
  await redis.client.slowlog("RESET");
  const idle = await probed(async () => delay(300));
  const moved = [0];
  const archiving = await probed(async () => {
    const name = await archive.begin(INFO_HASH, NOW);
    for (let isDone = false; !isDone; moved.push(await movedKeys())) isDone = await archive.continue(name!);
  });
  const took = await scriptMicroseconds();
  const usual = took[Math.floor(took.length / 2)] ?? 0;
  console.info(
    `archived by ${moved.length} scripts in ${archiving.tookMs.toFixed(0)} ms; of the ${took.length} above 200 µs, the usual one ${usual} µs, the ` +
      `slowest ${took.at(-1)} µs; ` +
      `PING beside it: ${archiving.text}; before it: ${idle.text}`,
  );
  expect(await swarmKeys()).toEqual(["torrent", "transfer"]);
  expect(moved.at(-1)).toBeGreaterThan(22_000);
  expect(Math.max(...moved.slice(1).map((count, at) => count - moved[at]!))).toBeLessThanOrEqual(60);
  expect(usual).toBeLessThan(5000);
});

describe("in a Cluster", () => {
  it("archives a swarm within its slot, and the job completes what was begun", async () => {
    const cluster = await startRedisCluster();
    const client = new Cluster(cluster.nodes.map(({ port }) => ({ host: "127.0.0.1", port })));
    try {
      await writeSwarm(client, { peers: 300, departed: 30, racks: 10 });
      const clustered = createArchive({ client, archiveDays: DAYS });
      await clustered.begin(INFO_HASH, NOW);
      await createArchiveJob({ client, archive: clustered })(NOW, NEVER);
      const left = (await Promise.all(cluster.nodes.map(async (node) => keysOf(node.client)))).flat();
      expect(left.filter((key) => key.startsWith(PREFIX)).sort()).toEqual([`${PREFIX}torrent`, `${PREFIX}transfer`]);
      const [archived] = await clustered.list(10);
      await createArchiveJob({ client, archive: clustered })(archived!.expiresAt! + 1, NEVER);
      expect(await clustered.list(10)).toEqual([]);
    } finally {
      client.disconnect();
      await cluster.close();
    }
  });
});

async function swarmKeys(): Promise<string[]> {
  const keys = await keysOf(redis.client);
  return keys.filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
}

async function runJob(now: number): Promise<void> {
  await createArchiveJob({ client: redis.client, archive })(now, NEVER);
}

/** Keys that the archive has had moved so far. */
async function movedKeys(): Promise<number> {
  return Number(await redis.client.hget(`${ARCHIVE}progress`, "moved"));
}

/** Shortest first, by Redis' own clock, so that it counts neither the way nor this process. */
async function scriptMicroseconds(): Promise<number[]> {
  const entries = (await redis.client.slowlog("GET", "10000")) as [number, number, number, string[]][];
  const scripts = entries.filter(([, , , [command = ""]]) => command.toLowerCase().startsWith("eval"));
  return scripts.map(([, , microseconds]) => microseconds).sort((one, other) => one - other);
}

/** How long a second connection waits for its PINGs meanwhile, one after the other. */
async function probed(work: () => Promise<unknown>) {
  const client = new Redis({ port: redis.port });
  await client.ping();
  const waits: number[] = [];
  let isWorking = true;
  async function probe(): Promise<void> {
    while (isWorking) {
      const before = performance.now();
      await client.ping();
      waits.push(performance.now() - before);
    }
  }
  const began = performance.now();
  const probing = probe();
  await work();
  const tookMs = performance.now() - began;
  isWorking = false;
  await probing;
  client.disconnect();
  waits.sort((one, other) => one - other);
  const [p90Ms, worstMs] = [waits[Math.floor(0.9 * waits.length)] ?? 0, waits.at(-1) ?? 0];
  return { tookMs, p90Ms, text: `${waits.length}, 90 % within ${p90Ms.toFixed(1)} ms, worst ${worstMs.toFixed(1)} ms` };
}
