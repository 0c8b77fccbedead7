import { afterAll, beforeAll } from "vitest";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { createTrackers, createTrackerStore } from "./redis-trackers.ts";
import { createStoresInStep } from "./stores-in-step.ts";
import { swarmStoreSuite } from "./swarm-store-suite.ts";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => redis.close());

swarmStoreSuite("redis, one tracker", async (policy, random) => {
  await redis.client.flushall();
  return createTrackerStore(redis.client, policy, random);
});

swarmStoreSuite("redis, three trackers", async (policy, random) => {
  await redis.client.flushall();
  return createTrackers(redis.client, policy, { count: 3, random });
});

swarmStoreSuite("redis in step with memory", async (policy, random) => {
  await redis.client.flushall();
  return createStoresInStep(redis.client, policy, random);
});
