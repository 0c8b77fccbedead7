import { readFileSync } from "node:fs";
import { afterAll, beforeAll } from "vitest";
import { createRedisStore } from "../../tracker/src/store/redis/redis-store.ts";
import { findHostAddress, hostAddressText } from "../../tracker/src/wire/compact-address.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { swarmStoreSuite } from "./swarm-store-suite.ts";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => redis.close());

function script(name: string) {
  const text = readFileSync(new URL(`../../tracker/src/store/lua/${name}.lua`, import.meta.url), "utf8");
  return {
    run: async (keys: readonly string[], args: readonly (string | number)[]) =>
      redis.client.eval(text, keys.length, ...keys, ...args),
  };
}

swarmStoreSuite("redis", async (policy, random) => {
  await redis.client.flushall();
  return createRedisStore({
    client: redis.client,
    scripts: { sync: script("sync-swarm"), commit: script("commit-swarm") },
    policy,
    random,
    codec: { text: hostAddressText, parse: findHostAddress },
    trackerName: "t1",
    elapsed: () => performance.now(),
    explain: (error) => String((error as Error)?.stack ?? error),
    archive: async () => {},
  });
});
