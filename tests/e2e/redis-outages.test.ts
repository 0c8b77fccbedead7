// Redis slow, away, failing over and full, as trackers' clients and operators see it: real trackers, real Redis, real Sentinels.
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { runCommand } from "../integration/cli-process.ts";
import { torrent } from "../integration/control-api-world.ts";
import { watchCaps } from "../support/cap-watch.ts";
import { startRedisSentinels } from "../support/redis-sentinel.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { until } from "../support/tracker-command.ts";
import { type FleetPeer, type FleetReply, startTrackerFleet, type TrackerFleet } from "../support/tracker-fleet.ts";

const racks = ["rack0", "rack1", "rack2"];
const topology = racks.map((name, rack) => `10.9.${rack}.0/24 ${name}\n`).join("");
const release = torrent("outage-1.0");
const prefix = `{${release.infoHash.toUpperCase()}}:`;
const CAP = 2;
const SOON_MS = 1100;
const peers = Array.from({ length: 18 }, (_, index): FleetPeer => {
  const kind = index % 2 === 0 ? "-lt0D80-" : "-LT2080-";
  const [rack, host] = [index % racks.length, Math.floor(index / racks.length) + 1];
  return { address: `10.9.${rack}.${host}`, peerId: kind + String(index).padStart(12, "0"), left: 40_000 };
});
const [late, prompt] = peers as [FleetPeer, FleetPeer];

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of closing.splice(0).toReversed()) await one.close();
});

async function keep<T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const one = await starting;
  closing.push(one);
  return one;
}

async function startFleet(env: Readonly<Record<string, string>>, count = 2): Promise<TrackerFleet> {
  const fleet = await keep(startTrackerFleet(count, { env, topology }));
  await fleet.publish(release);
  return fleet;
}

/** Everybody once, to the trackers in turn. */
async function announceAll(fleet: TrackerFleet): Promise<FleetReply[]> {
  const { trackers } = fleet;
  return Promise.all(
    peers.map(async (peer, at) => fleet.announce(trackers[at % trackers.length]!, release.infoHash, peer)),
  );
}

async function announceUntilServed(fleet: TrackerFleet): Promise<void> {
  await until("everybody is served", async () => (await announceAll(fleet)).every(isServed));
}

function isServed({ body }: FleetReply): boolean {
  return body.includes("8:intervali") && !body.includes("warning message");
}

async function standings({ client }: Pick<RedisServer, "client">): Promise<string[][]> {
  return Promise.all(racks.map(async (rack) => client.zrange(`${prefix}rack:${rack}:R`, "0", "-1")));
}

it("answers within about a second while Redis is stopped, says so, and goes on with the same standings", async () => {
  const redis = await keep(startRedis({ appendOnly: true }));
  const fleet = await startFleet({ REDIS_URL: redis.url });
  for (let round = 0; round < 3; round++) {
    expect((await announceAll(fleet)).every(isServed)).toBe(true);
    await delay(500);
  }
  const before = await standings(redis);
  const watch = watchCaps(redis.client, release.infoHash, racks, CAP);

  await redis.kill("SIGSTOP");
  const stopped = performance.now();
  let slowest = 0;
  while (performance.now() - stopped < 6000) {
    const replies = await announceAll(fleet);
    slowest = Math.max(slowest, ...replies.map(({ milliseconds }) => milliseconds));
    expect(replies.some(isServed)).toBe(false);
  }
  console.log(`slowest answer while Redis was stopped: ${slowest.toFixed(0)} ms`);
  expect(slowest).toBeLessThan(SOON_MS);
  const [tracker] = fleet.trackers;
  expect((await fleet.announce(tracker!, release.infoHash, late)).body).toMatch(/^d14:failure reason\d+:Redis /);
  expect((await fleet.announce(tracker!, release.infoHash, prompt)).body).toMatch(
    /8:intervali.*15:warning message\d+:Redis /,
  );
  const ready = await fetch(`${tracker!.url}/readyz`);
  expect({ status: ready.status, body: await ready.json() }).toMatchObject({
    status: 503,
    body: { status: "unready", checks: { redis: expect.stringMatching(/^failed/) as string } },
  });

  await redis.kill("SIGCONT");
  await announceUntilServed(fleet);
  await watch.close();
  expect([...watch.faults]).toEqual([]);
  expect(await standings(redis)).toEqual(before);
  expect((await fetch(`${tracker!.url}/readyz`)).status).toBe(200);
});

it("tells operators within a second that Redis is away, and loses nothing when it was killed", async () => {
  const redis = await keep(startRedis({ appendOnly: true }));
  const fleet = await startFleet({ REDIS_URL: redis.url }, 1);
  const [tracker] = fleet.trackers;
  await announceAll(fleet);
  const before = await standings(redis);
  await redis.kill("SIGKILL");

  const asked = performance.now();
  const shown = await fetch(`${tracker!.url}/transfers/${release.infoHash}`);
  expect(shown.status).toBe(503);
  expect(await shown.json()).toMatchObject({
    detail: expect.stringMatching(/Redis .*(REDIS_URL|by itself)/) as string,
  });
  const activated = await fetch(`${tracker!.url}/transfers/${release.infoHash}/deactivate`, { method: "POST" });
  expect(activated.status).toBe(503);
  expect(performance.now() - asked).toBeLessThan(2 * SOON_MS);
  const scrape = await fetch(`${tracker!.url}/scrape?info_hash=${release.infoHash.replace(/../g, "%$&")}`);
  expect(await scrape.text()).toMatch(/^d14:failure reason\d+:Redis /);
  const status = await runCommand(["status", release.infoHash, "--tracker", tracker!.url]);
  expect({ code: status.code, stderr: status.stderr }).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Redis") as string,
  });

  await redis.restart();
  await announceUntilServed(fleet);
  expect(await standings(redis)).toEqual(before);
  expect(tracker!.exitCode()).toBe(null);
});

it("goes on with the same standings after a Sentinel failover", async () => {
  const world = await keep(startRedisSentinels({ appendOnly: true }));
  const fleet = await startFleet({ REDIS_SENTINELS: world.list, REDIS_MASTER_NAME: world.masterName });
  await announceAll(fleet);
  await announceAll(fleet);
  const before = await standings(world.master);
  await until("the replica has it all", async () => (await standings(world.replica)).join() === before.join());
  await world.master.kill("SIGKILL");
  const killed = performance.now();
  await announceUntilServed(fleet);
  console.log(`served again ${((performance.now() - killed) / 1000).toFixed(1)} s after the master was killed`);
  const watch = watchCaps(world.replica.client, release.infoHash, racks, CAP);
  await announceAll(fleet);
  await watch.close();
  expect([...watch.faults]).toEqual([]);
  expect(await standings(world.replica)).toEqual(before);
});

it("names a foreign key in its way, and serves the other transfers", async () => {
  const redis = await keep(startRedis());
  const fleet = await startFleet({ REDIS_URL: redis.url }, 1);
  const other = torrent("other-1.0");
  await fleet.publish(other);
  await redis.client.set(`${prefix}swarm`, "somebody's");
  const [tracker] = fleet.trackers;
  const refused = await fleet.announce(tracker!, release.infoHash, late);
  expect(refused.body).toMatch(/^d14:failure reason\d+:Redis .*(other|foreign|no tracker)/);
  expect(isServed(await fleet.announce(tracker!, other.infoHash, late))).toBe(true);
  expect(await redis.client.get(`${prefix}swarm`)).toBe("somebody's");
  await redis.client.del(`${prefix}swarm`);
  expect(isServed(await fleet.announce(tracker!, release.infoHash, late))).toBe(true);
});

it("says that Redis is full, and goes on when there is room again", async () => {
  const redis = await keep(startRedis());
  const fleet = await startFleet({ REDIS_URL: redis.url });
  await announceAll(fleet);
  const before = await standings(redis);
  await redis.client.config("SET", "maxmemory", "1mb");
  const [tracker] = fleet.trackers;
  expect((await fleet.announce(tracker!, release.infoHash, late)).body).toMatch(
    /^d14:failure reason\d+:Redis .*maxmemory/,
  );
  await redis.client.config("SET", "maxmemory", "0");
  await announceUntilServed(fleet);
  expect(await standings(redis)).toEqual(before);
});
