// Three trackers on one Redis under load, one of them killed: real processes, and a witness that looks into Redis alone.
import { afterEach, beforeEach, expect, it } from "vitest";
import { torrent } from "../integration/control-api-world.ts";
import { watchCaps } from "../support/cap-watch.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { type FleetPeer, type FleetTracker, startTrackerFleet, type TrackerFleet } from "../support/tracker-fleet.ts";

const RACKS = 50;
const HOSTS_PER_RACK = 100;
const CAP = 2;
const ROUNDS = 3;
const KILL_IN_ROUND = 1;
/** Every so many peers stop, and start again a round later: representatives among them, so that others take over and step back. */
const STOPS_EVERY = 3;
const STOP_AFTER_ROUND = 1;
const AT_ONCE = 150;
const LEFT = 40_000;

const racks = Array.from({ length: RACKS }, (_, rack) => `rack${rack}`);
const topology = racks.map((name, rack) => `10.9.${rack}.0/24 ${name}\n`).join("");
const release = torrent("shared-1.0");

let redis: RedisServer;
let fleet: TrackerFleet;
beforeEach(async () => {
  redis = await startRedis({ appendOnly: true });
  fleet = await startTrackerFleet(3, { env: { REDIS_URL: redis.url }, topology });
  await fleet.publish(release);
});
afterEach(async () => {
  await fleet.close();
  await redis.close();
});

it("keeps every rack to its cap and serves every peer while 5,000 announce at three trackers and one is killed", async () => {
  const peers = Array.from({ length: RACKS * HOSTS_PER_RACK }, (_, index) => createPeer(index));
  const watch = watchCaps(redis.client, release.infoHash, racks, CAP);
  const tally = { announces: 0, failures: 0, unanswered: 0, slowest: 0, started: performance.now() };
  const alive = new Set(fleet.trackers);
  const [, doomed] = fleet.trackers;

  for (let round = 0; round <= ROUNDS; round++) {
    const order = shuffled(peers, round);
    await eachAtOnce(order, async (peer, at) => {
      if (round === KILL_IN_ROUND && at === order.length / 2) void kill(doomed!);
      await announceSomewhere(peer, round);
    });
    if (round === STOP_AFTER_ROUND)
      await eachAtOnce(order.filter(stops), async (peer) => announceSomewhere(peer, round, "stopped"));
  }
  await watch.close();

  async function kill(tracker: FleetTracker): Promise<void> {
    await tracker.kill("SIGKILL");
    alive.delete(tracker);
  }

  /** As a load balancer does: to any tracker, and to another when that one does not answer. */
  async function announceSomewhere(peer: FleetPeer, round: number, event = eventIn(round, peer)): Promise<void> {
    peer.left = Math.round(LEFT * (1 - round / ROUNDS));
    for (let attempt = 0; attempt < 10; attempt++) {
      const candidates = [...alive];
      const tracker = candidates[(Number(peer.peerId.slice(8)) + attempt + round) % candidates.length]!;
      const reply = await fleet.announce(tracker, release.infoHash, peer, event).catch(() => undefined);
      tally.announces++;
      if (reply?.body.includes("8:intervali") === true) {
        tally.slowest = Math.max(tally.slowest, reply.milliseconds);
        return;
      }
      if (reply === undefined) tally.unanswered++;
      else tally.failures++;
    }
    throw new Error(`${peer.address} was not served`);
  }

  const seconds = (performance.now() - tally.started) / 1000;
  console.log(
    `${tally.announces} announces in ${seconds.toFixed(1)} s: ${tally.failures} answered with a failure and ${tally.unanswered} not at all, all asked again; slowest success ${tally.slowest.toFixed(0)} ms; ${watch.looks()} looks at all racks`,
  );
  expect([...watch.faults]).toEqual([]);
  expect(watch.looks()).toBeGreaterThan(100);
  const prefix = `{${release.infoHash.toUpperCase()}}:`;
  expect(await redis.client.zcard(`${prefix}peers:N`)).toBe(peers.length);
  expect(await redis.client.zcard(`${prefix}peers:S`)).toBe(peers.length);
  expect(await redis.client.zcard(`${prefix}peers:R`)).toBe(RACKS * CAP);
  expect(alive.size).toBe(2);
  expect(await redis.client.info("commandstats")).not.toMatch(/cmdstat_(keys|flushall|flushdb):/);
});

function createPeer(index: number): FleetPeer {
  const prefix = index % 2 === 0 ? "-lt0D80-" : "-LT2080-";
  const [rack, host] = [index % RACKS, Math.floor(index / RACKS) + 1];
  return { address: `10.9.${rack}.${host}`, peerId: prefix + String(index).padStart(12, "0"), left: LEFT };
}

function eventIn(round: number, peer: FleetPeer): string | undefined {
  if (round === ROUNDS) return "completed";
  return round === 0 || (round === STOP_AFTER_ROUND + 1 && stops(peer)) ? "started" : undefined;
}

function stops({ peerId }: FleetPeer): boolean {
  return Number(peerId.slice(8)) % STOPS_EVERY === 0;
}

/** The same order for the same round. */
function shuffled<T>(items: readonly T[], round: number): T[] {
  const key = (index: number) => Math.imul(index + round * 7919 + 1, 2_654_435_761) >>> 0;
  return items
    .map((item, index) => ({ item, at: key(index) }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ item }) => item);
}

async function eachAtOnce<T>(items: readonly T[], work: (item: T, at: number) => Promise<void>): Promise<void> {
  let next = 0;
  async function worker(): Promise<void> {
    for (let at = next++; at < items.length; at = next++) await work(items[at]!, at);
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
