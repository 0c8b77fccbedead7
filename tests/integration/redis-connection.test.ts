// Holds what the tracker's connection does while a real Redis dies, hangs, comes back, and changes beneath it.
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { explainRedisError } from "../../tracker/src/redis/explanation.ts";
import type { RedisConnection } from "../../tracker/src/redis/redis-connection.ts";
import { startRedisWire } from "../support/redis-cut.ts";
import { startRedis } from "../support/redis-server.ts";
import { createRedisWorld, singleAt } from "../support/redis-world.ts";

const { keep, connect, logged } = createRedisWorld();
/** An announce is to be answered within a second. */
const SOON_MS = 1_000;
const AT_ONCE_MS = 300;

interface Outcome {
  readonly answer: unknown;
  readonly error: unknown;
  readonly tookMs: number;
}

async function timed(command: Promise<unknown>): Promise<Outcome> {
  const began = performance.now();
  const settled = await command.then(
    (answer) => ({ answer, error: undefined }),
    (error: unknown) => ({ answer: undefined, error }),
  );
  return { ...settled, tookMs: performance.now() - began };
}

async function isReady(connection: RedisConnection): Promise<void> {
  await expect.poll(() => connection.status().kind, { timeout: 5_000, interval: 10 }).toBe("ready");
}

describe("a Redis that dies", () => {
  it("has commands refused at once, and is used again soon after its return, with all that it kept", async () => {
    const server = await keep(startRedis({ appendOnly: true }));
    const connection = connect(singleAt(server.port));
    await connection.connected();
    await connection.client.set("kept", "yes");
    await server.kill("SIGKILL");
    const refused = await timed(connection.client.get("kept"));
    expect(refused.tookMs).toBeLessThan(AT_ONCE_MS);
    expect(explainRedisError(refused.error)).toMatch(/^Redis .*; .*connects again by itself/);
    await expect.poll(() => connection.status()).toMatchObject({ kind: "away", why: /cannot be reached; start it/ });
    await delay(3_000);
    await server.restart();
    const began = performance.now();
    await isReady(connection);
    expect(performance.now() - began).toBeLessThan(2_200);
    expect(await connection.client.get("kept")).toBe("yes");
  });

  it("is written of once for each reason, not for each attempt", async () => {
    const server = await keep(startRedis());
    const connection = connect(singleAt(server.port));
    await connection.connected();
    await server.kill("SIGKILL");
    await delay(1_500);
    expect(logged.length).toBeLessThanOrEqual(2);
    expect(logged.at(-1)).toMatch(/^warn .*ECONNREFUSED/);
    await server.restart();
    await isReady(connection);
    expect(logged.at(-1)).toMatch(/^info .* is back/);
  });
});

describe("a Redis that loads its data", () => {
  it("is waited for, and commands are refused at once meanwhile", async () => {
    // Every key takes 2 ms to load: a second in all.
    const server = await keep(startRedis({ appendOnly: true, args: ["--key-load-delay", "2000"] }));
    await server.client.eval("for i = 1, 500 do redis.call('SET', 'key' .. i, i) end", 0);
    const restarting = server.kill("SIGKILL").then(() => server.restart());
    const connection = connect(singleAt(server.port));
    await expect.poll(() => connection.client.status).toBe("connect");
    expect((await timed(connection.client.get("key1"))).tookMs).toBeLessThan(AT_ONCE_MS);
    await isReady(connection);
    expect(await connection.client.dbsize()).toBe(500);
    await restarting;
  });
});

describe("a Redis that hangs", () => {
  it("has commands refused within a second, and soon at once", async () => {
    const server = await keep(startRedis());
    const connection = connect(singleAt(server.port));
    await connection.connected();
    await server.kill("SIGSTOP");
    const first = await timed(connection.client.get("a"));
    expect(first.tookMs).toBeLessThan(SOON_MS);
    expect(explainRedisError(first.error)).toMatch(/does not answer in time/);
    await expect.poll(() => connection.status().kind).toBe("away");
    const next = await Promise.all(Array.from({ length: 1_000 }, () => timed(connection.client.get("a"))));
    expect(Math.max(...next.map(({ tookMs }) => tookMs))).toBeLessThan(AT_ONCE_MS);
    await server.kill("SIGCONT");
    await isReady(connection);
    expect((await timed(connection.client.get("a"))).answer).toBeNull();
  });
});

describe("a connection that breaks before the reply", () => {
  it("has the command refused, which was executed once and is not sent again", async () => {
    const server = await keep(startRedis());
    const wire = await keep(startRedisWire(server.port));
    const connection = connect(singleAt(wire.port));
    await connection.connected();
    wire.cutReplyTo("incr");
    const refused = await timed(connection.client.incr("count"));
    expect(explainRedisError(refused.error)).toMatch(/closed the connection/);
    await isReady(connection);
    await connection.client.ping();
    expect(await server.client.get("count")).toBe("1");
  });
});

// The connection is made anew once; on a busy machine a command may come just then, and is told that.
describe("a Redis that became a replica", { retry: 2 }, () => {
  it("is told as that to every command, and written of once", async () => {
    const server = await keep(startRedis());
    const connection = connect(singleAt(server.port));
    await connection.connected();
    await server.client.replicaof("127.0.0.1", 9);
    const end = performance.now() + 1_000;
    while (performance.now() < end) {
      const { error } = await timed(connection.client.set("a", "b"));
      const status = connection.status();
      const why = status.kind === "away" ? status.why : explainRedisError(error);
      expect(why).toMatch(/read-only replica; name its master/);
      await delay(20);
    }
    expect(logged.filter((line) => line.startsWith("warn"))).toHaveLength(1);
    await server.client.replicaof("NO", "ONE");
    await expect.poll(() => connection.client.set("a", "b").catch(String), { timeout: 5_000 }).toBe("OK");
  });
});

describe("what Redis refuses", () => {
  it("is explained by cause and remedy: memory and foreign data", async () => {
    const server = await keep(startRedis());
    const { client, connected } = connect(singleAt(server.port));
    await connected();
    await server.client.set("swarm", "text");
    expect(explainRedisError((await timed(client.hget("swarm", "field"))).error)).toMatch(/another kind.*own/);
    await server.client.config("SET", "maxmemory", "1");
    expect(explainRedisError((await timed(client.set("a", "b"))).error)).toMatch(/maxmemory; raise/);
    const script = await timed(client.eval("return redis.call('SET', KEYS[1], 'b')", 1, "a"));
    expect(explainRedisError(script.error)).toMatch(/maxmemory; raise/);
  });
});

describe("a connection that is closed", () => {
  it("stays closed, and refuses at once", async () => {
    const server = await keep(startRedis());
    const connection = connect(singleAt(server.port));
    await connection.connected();
    await connection.close();
    expect((await timed(connection.client.get("a"))).tookMs).toBeLessThan(AT_ONCE_MS);
    expect(connection.status().kind).toBe("away");
    const names = String(await server.client.client("LIST"));
    expect(names).not.toContain("name=rackcast");
    expect(logged).toEqual([]);
  });

  it("is waited for no longer, also when it was closed before it was made", async () => {
    const server = await keep(startRedis());
    const connection = connect(singleAt(server.port));
    const waited = timed(connection.connected());
    await connection.close();
    const { error, tookMs } = await waited;
    expect(error).toMatchObject({ code: "CONNECTION_LOST" });
    expect(tookMs).toBeLessThan(AT_ONCE_MS);
  });
});
