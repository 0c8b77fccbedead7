import { setTimeout as delay } from "node:timers/promises";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RedisClient } from "../../tracker/src/redis/redis-connection.ts";
import type { SwarmStore } from "../../tracker/src/store/swarm-store.ts";
import type { PeerId } from "../../tracker/src/swarm/identifiers.ts";
import { DEFAULT_POLICY } from "../../tracker/src/swarm/policy.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { createTrackers, createTrackerStore } from "./redis-trackers.ts";
import { createStoresInStep } from "./stores-in-step.ts";
import { swarmStoreSuite } from "./swarm-store-suite.ts";
import { announceOf, type Client, createClient, EVERY_MS, INFO_HASH, terms } from "./swarm-world.ts";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => redis.close());

const SLOWER = { modelRuns: 12 };

swarmStoreSuite(
  "redis, three trackers",
  async (policy, random) => {
    await redis.client.flushall();
    return createTrackers(redis.client, policy, { count: 3, random });
  },
  SLOWER,
);

swarmStoreSuite(
  "redis in step with memory",
  async (policy, random) => {
    await redis.client.flushall();
    return createStoresInStep(redis.client, policy, random);
  },
  SLOWER,
);

describe("a swarm in Redis", () => {
  const START = 1_700_000_000_000;
  const clients = Array.from({ length: 4 }, (_, index) => createClient({ path: ["r1"], host: index + 1 }));
  const newStore = (client: RedisClient = redis.client) => createTrackerStore(client, DEFAULT_POLICY, () => 0.5);
  beforeEach(async () => {
    await redis.client.flushall();
  });

  async function announce(store: SwarmStore, client: Client, now: number) {
    return store.announce({ infoHash: INFO_HASH, announce: announceOf(client), terms: terms([]), now });
  }

  async function representatives(store: SwarmStore, now: number): Promise<string[]> {
    const views = await store.inspect(INFO_HASH, now);
    return views.filter(({ role }) => role === "representative").map(({ address }) => address);
  }

  async function keepSchedule(store: SwarmStore): Promise<number> {
    let now = START;
    for (let round = 0; round < 5; round++, now += EVERY_MS) {
      for (const client of clients) await announce(store, client, now);
    }
    return now;
  }

  it("is not taken for the one before it of the same hash by a tracker that heard of no change", async () => {
    const [one, other] = [newStore(), newStore()];
    for (const client of clients) await announce(one, client, START);
    await announce(other, clients[0]!, START);
    // What a deactivation does to the tracker that is asked for it, and to Redis.
    await one.drop(INFO_HASH);
    await redis.client.flushall();
    await announce(one, clients[1]!, START + EVERY_MS);
    for (const client of clients.slice(2)) await announce(other, client, START + EVERY_MS);
    const addresses = (await other.inspect(INFO_HASH, START + EVERY_MS)).map(({ address }) => address);
    expect(addresses.toSorted()).toEqual(["10.0.0.2", "10.0.0.3", "10.0.0.4"]);
    expect(await one.scrape(INFO_HASH)).toMatchObject({ incomplete: 3 });
  });

  it("takes nobody for gone because no tracker could be asked for a while", async () => {
    const back = (await keepSchedule(newStore())) + 60_000;
    const store = newStore();
    await announce(store, clients[3]!, back);
    await store.sweep(back);
    expect(await representatives(store, back)).toEqual(["10.0.0.1", "10.0.0.2"]);
    expect(await store.scrape(INFO_HASH)).toMatchObject({ incomplete: 4 });
  });

  it("takes for gone whoever stays silent after that", async () => {
    const back = (await keepSchedule(newStore())) + 60_000;
    const store = newStore();
    for (let now = back; now < back + 12_000; now += EVERY_MS) {
      for (const client of clients.slice(1)) await announce(store, client, now);
    }
    expect(await representatives(store, back + 12_000)).toEqual(["10.0.0.2", "10.0.0.3"]);
  });

  it("is swept by calls that look at a bounded number of swarms each and go on where the last one was", async () => {
    const store = newStore();
    const hashes = Array.from({ length: 700 }, (_, at) => at.toString(16).padStart(40, "0").toUpperCase());
    await redis.client.sadd("active_transfers", ...hashes);
    const looks = async () =>
      Number(/cmdstat_zrangebyscore:calls=(\d+)/.exec(await redis.client.info("commandstats"))?.[1] ?? 0);
    await redis.client.config("RESETSTAT");
    // Of every transfer there are two, that of its WebRTC peers being one of its own.
    for (const looked of [500, 1000, 1400]) {
      await store.sweep(START);
      expect(await looks()).toBe(looked);
    }
  });

  it("is not written to by a tracker that froze for longer than its turn", async () => {
    const [frozen, other] = [newStore(withSlowCommit(redis.client, 700)), newStore()];
    const late = announce(frozen, clients[0]!, START);
    await delay(100);
    const outcomes = [late, ...clients.slice(1).map(async (client) => announce(other, client, START))];
    expect((await Promise.all(outcomes)).slice(1).map(({ kind }) => kind)).toEqual([
      "accepted",
      "accepted",
      "accepted",
    ]);
    expect(await representatives(other, START)).toEqual(["10.0.0.2", "10.0.0.3"]);
    expect(await announce(frozen, clients[0]!, START)).toMatchObject({ kind: "accepted" });
    expect(await representatives(frozen, START)).toEqual(["10.0.0.2", "10.0.0.3"]);
  });

  it("keeps the caps that it began with, whatever another tracker is set to", async () => {
    const store = newStore();
    for (const client of clients.slice(0, 2)) await announce(store, client, START);
    const levels = [{ name: "rack", maxRepresentatives: 4, activeRepresentatives: 4 }];
    const generous = createTrackerStore(redis.client, { ...DEFAULT_POLICY, levels }, () => 0.5);
    for (const client of clients) await announce(generous, client, START);
    expect(await representatives(generous, START)).toEqual(["10.0.0.1", "10.0.0.2"]);
  });

  it("keeps ids of any bytes apart", async () => {
    const store = newStore();
    const ids = ["\0".repeat(20), "\xff".repeat(20), "%".repeat(20), `${"\xc3\xa9".repeat(9)} :`] as PeerId[];
    for (const [index, peerId] of ids.entries()) {
      const request = { infoHash: INFO_HASH, announce: { ...announceOf(clients[index]!), peerId }, terms: terms([]) };
      await store.announce({ ...request, now: START });
    }
    const seen = (await newStore().inspect(INFO_HASH, START)).map(({ peerId }) => peerId);
    expect(seen).toEqual(ids.map((id) => Buffer.from(id, "latin1").toString("hex")));
  });
});

/** The client of a tracker whose first commit is sent late, as when its process was stopped in between. */
function withSlowCommit(client: Redis, milliseconds: number): Redis {
  let isFirst = true;
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return async (...args: unknown[]) => {
        const isCommit = name === "evalsha" && args[1] === 6;
        if (isCommit && isFirst) {
          isFirst = false;
          await delay(milliseconds);
        }
        return Reflect.apply(value, target, args) as unknown;
      };
    },
  });
}
