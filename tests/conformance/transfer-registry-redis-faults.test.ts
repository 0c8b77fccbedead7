// The Redis registry when calls are cut off half-way, when Redis is away, and on data that is not the registry's.
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { infoHashSubject } from "../../tracker/src/bans/ban.ts";
import { openRedisRegistry } from "../../tracker/src/registry/redis/redis-registry.ts";
import type { Registry } from "../../tracker/src/registry/registry.ts";
import type { TransferContent } from "../../tracker/src/registry/transfer-registry.ts";
import type { InfoHash } from "../../tracker/src/swarm/identifiers.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { createRedisWorld, singleAt } from "../support/redis-world.ts";

const NOW = 1_700_000_000_000;
const APP = content("ab", "app");
const OTHER = content("cd", "other");
const SAME_NAME = content("ef", "app");
const HASH = "AB".repeat(20);
const TRANSFER = `{${HASH}}:transfer`;
const REPORTS = `{${HASH}}:reports`;

const world = createRedisWorld();
let redis: RedisServer;
let registries: Registry[];
let logged: string[];
beforeEach(async () => {
  redis = await startRedis({ appendOnly: true });
  [registries, logged] = [[], []];
});
afterEach(async () => {
  for (const registry of registries) await registry.close();
  await redis.close();
});

/** By a connection such as a tracker has: nothing waits for a Redis that is away. */
async function open(): Promise<Registry> {
  const connection = world.connect(singleAt(redis.port));
  await connection.connected();
  const log = {
    error: (details: object, message: string) => void logged.push(`${message}: ${String(Object.values(details)[0])}`),
  };
  const registry = await openRedisRegistry({ client: connection.client, log });
  registries.push(registry);
  return registry;
}

describe("a call that was cut off half-way", () => {
  it("is done by its repetition: a transfer that was written but not told of is registered on every tracker", async () => {
    const [one, other] = [await open(), await open()];
    await one.register(APP, NOW);
    await undoTelling();
    const fresh = await open();
    expect(fresh.lookup(APP.infoHash)).toBeUndefined();
    expect(await fresh.register(APP, NOW + 1)).toMatchObject({ created: false, transfer: { registeredAt: NOW } });
    expect(fresh.lookup(APP.infoHash)).toMatchObject({ state: "registered" });
    expect(await redis.client.hget("transfer_names", "app")).toBe(HASH);
    await expect.poll(() => other.lookup(APP.infoHash)?.state, { timeout: 1000 }).toBe("registered");
  });

  it("is done by its repetition: a deactivation that was written but not told of frees the name", async () => {
    const [one, other] = [await open(), await open()];
    await one.register(APP, NOW);
    await one.activate(APP.infoHash, {}, NOW);
    await redis.client.hset(TRANSFER, {
      state: "inactive",
      deregistered: new Date(NOW).toISOString(),
      revision: "9-x",
    });
    expect(await other.deactivate(APP.infoHash, NOW + 1)).toMatchObject({ state: "inactive", deactivatedAt: NOW });
    expect(await redis.client.hgetall("transfer_names")).toEqual({});
    expect(await redis.client.smembers("active_transfers")).toEqual([]);
    await expect.poll(() => one.lookup(APP.infoHash)?.state, { timeout: 1000 }).toBe("inactive");
  });

  it("does not block the name for others when it claimed it and got no further", async () => {
    const registry = await open();
    await redis.client.hset("transfer_names", "app", HASH);
    await redis.client.hset("{transfer_names}:claims", "app", "1");
    await redis.client.set("{transfer_names}:last_claim", "1");
    expect(await registry.register(SAME_NAME, NOW)).toMatchObject({ created: true });
    await expect(registry.register(APP, NOW)).rejects.toMatchObject({ code: "NAME_TAKEN" });
  });

  async function undoTelling(): Promise<void> {
    await redis.client.del("transfers", "transfers_version", "{transfers_version}:changes", "transfer_names");
  }
});

describe("what a failover lost", () => {
  it("is noticed though nobody tells of it, and though Redis counts on as before", async () => {
    const registry = await open();
    await registry.register(APP, NOW);
    const before = await redis.client.hgetall(TRANSFER);
    await registry.activate(APP.infoHash, {}, NOW);
    await redis.client.hset(TRANSFER, before);
    await expect.poll(() => registry.lookup(APP.infoHash)?.state, { timeout: 2000 }).toBe("registered");
  });

  it("is forgotten when Redis comes back with nothing", async () => {
    const registry = await open();
    await registry.register(APP, NOW);
    await registry.bans.ban(infoHashSubject(OTHER.infoHash), "why", NOW);
    await redis.client.flushall();
    await expect.poll(() => registry.lookup(APP.infoHash), { timeout: 2000 }).toBeUndefined();
    await expect.poll(() => registry.bans.lookup(OTHER.infoHash), { timeout: 2000 }).toBeUndefined();
    expect(await registry.register(APP, NOW)).toMatchObject({ created: true });
  });
});

describe("while Redis is away", () => {
  it.each(["SIGKILL", "SIGSTOP"] as const)(
    "after %s lookups are answered as before, and control calls refused within a second",
    async (signal) => {
      const registry = await open();
      await registry.register(APP, NOW);
      await registry.activate(APP.infoHash, {}, NOW);
      await registry.bans.ban(infoHashSubject(OTHER.infoHash), "why", NOW);
      const { key } = await registry.announceKeys.issue("web", NOW);
      await redis.kill(signal);
      registry.noteProgress(APP.infoHash, "started", NOW + 1);
      const calls = [
        async () => registry.list(),
        async () => registry.register(OTHER, NOW),
        async () => registry.activate(APP.infoHash, {}, NOW),
        async () => registry.deactivate(APP.infoHash, NOW),
        async () => registry.torrent(APP.infoHash),
        async () => registry.reports.list(APP.infoHash),
        async () => registry.bans.ban(infoHashSubject(APP.infoHash), "why", NOW),
        async () => registry.bans.list(),
        async () => registry.audit.list(1),
        async () => registry.announceKeys.issue("db", NOW),
        async () => registry.announceKeys.revoke("web"),
        async () => registry.announceKeys.list(),
      ];
      const startedAt = performance.now();
      const refusals = await Promise.allSettled(calls.map(async (call) => call()));
      expect(performance.now() - startedAt).toBeLessThan(1000);
      for (const refusal of refusals)
        expect(refusal).toMatchObject({
          status: "rejected",
          reason: { code: "REGISTRY_AWAY", message: expect.stringMatching(/Redis .*; /) },
        });
      expect(registry.lookup(APP.infoHash)?.state).toBe("active");
      expect(registry.bans.lookup(OTHER.infoHash)?.reason).toBe("why");
      expect(registry.announceKeys.userOf(key, NOW)).toBe("web");
      if (signal === "SIGSTOP") await redis.kill("SIGCONT");
    },
  );

  it("notes are kept and what others changed meanwhile is followed, by itself, once it is back", async () => {
    const [one, other] = [await open(), await open()];
    await one.register(APP, NOW);
    await redis.client.config("SET", "appendfsync", "always");
    await one.activate(APP.infoHash, {}, NOW);
    await redis.kill("SIGKILL");
    one.noteProgress(APP.infoHash, "started", NOW + 7);
    await delay(700);
    expect(logged.filter((line) => line.includes("follow"))).toHaveLength(2);
    await redis.restart();
    await expect.poll(() => other.lookup(APP.infoHash)?.firstStartedAt, { timeout: 10_000 }).toBe(NOW + 7);
    await other.deactivate(APP.infoHash, NOW + 9);
    await expect.poll(() => one.lookup(APP.infoHash)?.state, { timeout: 1000 }).toBe("inactive");
  });

  it("closing takes no time and does not fail, with notes that cannot be written any more", async () => {
    const registry = await open();
    await registry.register(APP, NOW);
    await redis.kill("SIGKILL");
    registry.noteProgress(APP.infoHash, "started", NOW + 1);
    const startedAt = performance.now();
    await registry.close();
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(logged.at(-1)).toMatch(/at its end.*REGISTRY_AWAY|at its end.*Redis/);
  });
});

describe("trackers that note progress at the same time", () => {
  it("leave the earliest first and the latest last time of all", async () => {
    const [one, other] = [await open(), await open()];
    await one.register(APP, NOW);
    one.noteProgress(APP.infoHash, "started", NOW + 5);
    other.noteProgress(APP.infoHash, "started", NOW + 3);
    one.noteProgress(APP.infoHash, "started", NOW + 9);
    other.noteProgress(APP.infoHash, "started", NOW + 7);
    const reached = { firstStartedAt: NOW + 3, lastStartedAt: NOW + 9 };
    for (const each of [one, other])
      await expect.poll(() => each.lookup(APP.infoHash), { timeout: 2000 }).toMatchObject(reached);
  });
});

describe("foreign data", () => {
  const FORMER_WITHOUT_END = '{"digest":"x","issued":"2026-01-02T03:04:05.678Z","former":[{"digest":"y"}]}';
  const foreign = (key: string) => ({
    code: "REGISTRY_FOREIGN",
    message: expect.stringMatching(new RegExp(`${key.replaceAll(/[{}]/g, "\\$&")} in Redis .*RENAME`)) as string,
  });

  it.each([
    "transfers",
    "active_transfers",
    "transfer_names",
    "{transfer_names}:claims",
    "bans",
    "audit",
    "announce_keys",
  ])("of another type under %s is refused at the start, named with the remedy, and left as it is", async (key) => {
    await redis.client.set(key, "somebody's");
    await expect(open()).rejects.toMatchObject(foreign(key));
    expect(await redis.client.get(key)).toBe("somebody's");
  });

  it.each([
    ["transfers_version", async () => redis.client.set("transfers_version", "soon")],
    ["{bans}:version", async () => redis.client.set("{bans}:version", "soon")],
    ["bans", async () => redis.client.hset("bans", HASH, "yes")],
    ["announce_keys", async () => redis.client.hset("announce_keys", "web", '{"digest":"x","former":[]}')],
    ["announce_keys", async () => redis.client.hset("announce_keys", "web", FORMER_WITHOUT_END)],
    ["transfers", async () => redis.client.sadd("transfers", "somebody")],
    [TRANSFER, async () => redis.client.multi().sadd("transfers", HASH).hset(TRANSFER, "name", "x").exec()],
    [TRANSFER, async () => redis.client.multi().sadd("transfers", HASH).rpush(TRANSFER, "x").exec()],
  ])("that does not read as the registry's under %s is refused at the start", async (key, spoil) => {
    await spoil();
    await expect(open()).rejects.toMatchObject(foreign(key));
  });

  it.each([
    "transfers",
    "active_transfers",
    "transfer_names",
    "{transfers_version}:changes",
    "{transfer_names}:last_claim",
  ])("that comes later under %s fails the call that meets it, by name", async (key) => {
    const registry = await open();
    await redis.client.set(key, "somebody's");
    await expect(registry.register(APP, NOW)).rejects.toMatchObject(foreign(key));
    expect(await redis.client.get(key)).toBe("somebody's");
  });

  it("under one transfer's key is logged and fails its calls, while the others are followed", async () => {
    const [one, other] = [await open(), await open()];
    await one.register(APP, NOW);
    await one.register(OTHER, NOW);
    await redis.client.rename(TRANSFER, "away");
    await redis.client.rpush(TRANSFER, "somebody's");
    await expect(one.deactivate(APP.infoHash, NOW)).rejects.toMatchObject(foreign(TRANSFER));
    await one.activate(OTHER.infoHash, {}, NOW);
    await expect.poll(() => other.lookup(OTHER.infoHash)?.state, { timeout: 1000 }).toBe("active");
    await expect.poll(() => logged.join(), { timeout: 2000 }).toContain(TRANSFER);
    expect(await redis.client.lrange(TRANSFER, 0, -1)).toEqual(["somebody's"]);
    await redis.client.del(TRANSFER);
    await redis.client.rename("away", TRANSFER);
    expect(await one.deactivate(APP.infoHash, NOW)).toMatchObject({ state: "inactive" });
  });

  it("among the reports fails their listing alone, named by key", async () => {
    const registry = await open();
    await registry.register(APP, NOW);
    await registry.activate(APP.infoHash, {}, NOW);
    await redis.client.hset(REPORTS, "10.0.1.1", "yes");
    await expect(registry.reports.list(APP.infoHash)).rejects.toMatchObject(foreign(REPORTS));
    await redis.client.del(REPORTS);
    await redis.client.set(REPORTS, "somebody's");
    const report = {
      address: "10.0.1.1",
      state: "verified",
      code: undefined,
      message: undefined,
      reportedAt: NOW,
    } as const;
    await expect(registry.reports.put(APP.infoHash, report)).rejects.toMatchObject(foreign(REPORTS));
  });

  it("under the torrent's key is not overwritten by a registration", async () => {
    const registry = await open();
    await redis.client.rpush(`{${HASH}}:torrent`, "somebody's");
    await expect(registry.register(APP, NOW)).rejects.toMatchObject(foreign(`{${HASH}}:torrent`));
    expect(await redis.client.lrange(`{${HASH}}:torrent`, 0, -1)).toEqual(["somebody's"]);
    expect(await redis.client.exists(TRANSFER)).toBe(0);
  });
});

function content(byte: string, name: string): TransferContent {
  const infoHash = byte.repeat(20) as InfoHash;
  return { infoHash, name, lengthBytes: 9, pieceLengthBytes: 4, fileCount: 1, torrent: Buffer.from([0, 255, 13, 10]) };
}
