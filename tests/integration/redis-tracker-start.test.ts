// What whoever starts a tracker reads when its Redis will not do: one message, and the end.
import { describe, expect, it } from "vitest";
import { findServerPort } from "../support/redis-port.ts";
import { startRedis } from "../support/redis-server.ts";
import { createRedisWorld } from "../support/redis-world.ts";
import { type Outcome, runCommand } from "./cli-process.ts";

const { keep } = createRedisWorld();

async function start(env: Readonly<Record<string, string>>): Promise<Outcome> {
  return runCommand(["tracker", "--host", "127.0.0.1", "--port", "0"], { env: { STORE: "redis", ...env } });
}

/** The whole of what it says is one line. */
function refusal(message: RegExp): unknown {
  return { code: 1, stdout: "", stderr: expect.stringMatching(new RegExp(`^${message.source}\n$`)) };
}

describe("a tracker does not start", () => {
  it("where no Redis is, whichever way it is named", async () => {
    const place = `127.0.0.1:${await findServerPort()}`;
    const named = [{ REDIS_URL: `redis://${place}` }, { REDIS_SENTINELS: place }, { REDIS_CLUSTER: place }];
    const unreachable = refusal(
      /Redis at .*127\.0\.0\.1:\d+ cannot be reached \(.*\); start it, or correct REDIS_URL, .*/,
    );
    expect(await Promise.all(named.map(start))).toEqual([unreachable, unreachable, unreachable]);
  });

  it("with a wrong password, which it does not repeat", async () => {
    const { port } = await keep(startRedis({ password: "hidden" }));
    const outcome = await start({ REDIS_URL: `redis://127.0.0.1:${port}`, REDIS_PASSWORD: "mistaken" });
    expect(outcome).toEqual(refusal(/Redis at \S+ refuses user or password .*; correct REDIS_PASSWORD .*/));
    expect(outcome.stderr).not.toMatch(/hidden|mistaken/);
  });

  it("on a read-only replica, whose master it names", async () => {
    const master = await keep(startRedis({ appendOnly: true }));
    const replica = await keep(startRedis({ args: ["--replicaof", `127.0.0.1 ${master.port}`] }));
    expect(await start({ REDIS_URL: replica.url })).toEqual(
      refusal(/Redis at \S+ is a read-only replica \(its master is 127\.0\.0\.1:\d+\); name its master, .*/),
    );
  });

  it("on a Redis that evicts keys, or has no memory left", async () => {
    const limit = ["--maxmemory", "50mb", "--maxmemory-policy", "allkeys-lru"];
    const evicting = await keep(startRedis({ appendOnly: true, args: limit }));
    expect(await start({ REDIS_URL: evicting.url })).toEqual(
      refusal(/Redis at \S+ evicts keys .*maxmemory-policy is allkeys-lru.*; set `maxmemory-policy noeviction`/),
    );
    const full = await keep(startRedis({ appendOnly: true, args: ["--maxmemory", "500kb"] }));
    expect(await start({ REDIS_URL: full.url })).toEqual(
      refusal(/Redis at \S+ has used up its maxmemory .*; raise maxmemory, or free memory in it/),
    );
  });

  it("on somebody else's data under its keys, which it leaves alone", async () => {
    const redis = await keep(startRedis({ appendOnly: true }));
    await redis.client.set("transfers", "somebody's");
    expect(await start({ REDIS_URL: redis.url })).toEqual(
      refusal(/The key transfers in Redis holds a string .*; give the tracker a database of its own, or .*/),
    );
    expect(await redis.client.get("transfers")).toBe("somebody's");
  });
});
