import { afterAll, beforeAll } from "vitest";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { announceOverHttpSuite } from "./announce-over-http-suite.ts";
import { createTrackers } from "./redis-trackers.ts";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => redis.close());

announceOverHttpSuite("redis, two trackers", async (policy) => {
  await redis.client.flushall();
  return createTrackers(redis.client, policy, { count: 2, random: Math.random });
});
