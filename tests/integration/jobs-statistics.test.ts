// Holds that the course of a deploy can be read in Redis, bounded, and written by one tracker only.
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createStatisticsJob } from "../../tracker/src/store/redis/statistics-job.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { INFO_HASH, PREFIX, writeSwarm } from "./archive-world.ts";

const NOW = Date.parse("2026-11-24T14:00:00.000Z");
const NEVER = new AbortController().signal;
const STREAM = `${PREFIX}statistics`;
let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => redis.close());
beforeEach(async () => {
  await redis.client.flushall();
  await writeSwarm(redis.client, { peers: 40, racks: 4 });
  await redis.client.del(STREAM);
  await redis.client.hset(`${PREFIX}transfer`, { state: "active" });
  await redis.client.sadd("active_transfers", INFO_HASH.toUpperCase());
});

it("records how many peers there are, represent a rack, are complete, and are not, and when", async () => {
  await createStatisticsJob(redis.client)(NOW, 3, NEVER);
  expect(await entries()).toEqual([
    ["at", "2026-11-24T14:00:00.000Z", "N", "40", "R", "8", "S", "0", "L", "40", "token", "3"],
  ]);
});

it("refuses what a tracker records that lost the jobs to another", async () => {
  const run = createStatisticsJob(redis.client);
  await run(NOW, 3, NEVER);
  await run(NOW + 10_000, 4, NEVER);
  await run(NOW + 10_001, 3, NEVER);
  await run(NOW + 20_000, 4, NEVER);
  expect((await entries()).map((fields) => fields.at(-1))).toEqual(["3", "4", "4"]);
});

it("leaves a transfer alone that was deactivated meanwhile", async () => {
  await redis.client.hset(`${PREFIX}transfer`, { state: "inactive" });
  await createStatisticsJob(redis.client)(NOW, 3, NEVER);
  expect(await redis.client.exists(STREAM)).toBe(0);
});

it("keeps a day of them", async () => {
  const batch = redis.client.pipeline();
  for (let index = 0; index < 9000; index++) batch.xadd(STREAM, "*", "token", "1");
  await batch.exec();
  await createStatisticsJob(redis.client)(NOW, 3, NEVER);
  expect(await redis.client.xlen(STREAM)).toBe(8640);
});

async function entries(): Promise<string[][]> {
  return (await redis.client.xrange(STREAM, "-", "+")).map(([, fields]) => fields);
}
