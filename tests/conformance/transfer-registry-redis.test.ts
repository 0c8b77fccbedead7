import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { infoHashSubject } from "../../tracker/src/bans/ban.ts";
import type { Registry } from "../../tracker/src/registry/registry.ts";
import type { InfoHash } from "../../tracker/src/swarm/identifiers.ts";
import { openRedisAnnounceKeys } from "../../tracker/src/registry/redis/redis-announce-keys.ts";
import { openRedisRegistry } from "../../tracker/src/registry/redis/redis-registry.ts";
import { createRegistryAccess } from "../../tracker/src/registry/redis/registry-access.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { announceKeysSuite } from "./announce-keys-suite.ts";
import { auditLogSuite } from "./audit-log-suite.ts";
import { banListSuite } from "./ban-list-suite.ts";
import type { RegistryHome } from "./registry-home.ts";
import { transferRegistrySuite } from "./transfer-registry-suite.ts";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => redis.close());

async function newHome(): Promise<RegistryHome> {
  await redis.client.flushall();
  return { open: () => openRedisRegistry({ client: redis.client }), remove: () => {} };
}

transferRegistrySuite("redis", newHome);
banListSuite("redis", newHome);
auditLogSuite("redis", newHome);
announceKeysSuite("redis", newHome);

const NOW = 1_700_000_000_000;

describe("two registries on one Redis", () => {
  const CONTENT = {
    infoHash: "ab".repeat(20) as InfoHash,
    name: "app",
    lengthBytes: 9,
    pieceLengthBytes: 4,
    fileCount: 1,
  };
  const APP = { ...CONTENT, torrent: new Uint8Array([1, 2, 3]) };
  const OTHER = { ...APP, infoHash: "cd".repeat(20) as InfoHash };
  let registries: Registry[];
  beforeEach(async () => {
    await redis.client.flushall();
    registries = [await openRedisRegistry({ client: redis.client }), await openRedisRegistry({ client: redis.client })];
  });
  afterEach(async () => {
    for (const registry of registries) await registry.close();
  });

  it("see each other's transfers and bans within a second", async () => {
    const [one, other] = registries;
    await one!.register(APP, NOW);
    await one!.activate(APP.infoHash, { origins: ["10.0.0.1"] }, NOW);
    await one!.bans.ban(infoHashSubject(OTHER.infoHash), "withdrawn", NOW);
    const client = { kind: "client", value: "-XL" } as const;
    await one!.bans.ban(client, "misbehaves", NOW);
    const seen = () => [
      other!.lookup(APP.infoHash)?.state,
      other!.bans.lookup(OTHER.infoHash)?.reason,
      other!.bans.find(client)?.reason,
    ];
    await expect.poll(seen, { timeout: 1000 }).toEqual(["active", "withdrawn", "misbehaves"]);
    await other!.deactivate(APP.infoHash, NOW + 1);
    await expect.poll(() => one!.lookup(APP.infoHash)?.state, { timeout: 1000 }).toBe("inactive");
  });

  it("see each other's hosts' reports at once, on what both know to be active", async () => {
    const [one, other] = registries;
    await one!.register(APP, NOW);
    await one!.activate(APP.infoHash, {}, NOW);
    const report = {
      address: "10.0.1.1",
      state: "verified",
      code: undefined,
      message: undefined,
      reportedAt: NOW,
    } as const;
    await one!.reports.put(APP.infoHash, report);
    expect(await other!.reports.list(APP.infoHash)).toEqual([report]);
    await one!.deactivate(APP.infoHash, NOW);
    await expect(other!.reports.put(APP.infoHash, report)).rejects.toMatchObject({ code: "TRANSFER_NOT_ACTIVE" });
    expect(await redis.client.exists(`{${"AB".repeat(20)}}:reports`)).toBe(0);
  });

  it("honour each other's announce keys, rotations and revocations within a second", async () => {
    const [one, other] = registries.map(({ announceKeys }) => announceKeys);
    const first = await one!.issue("web", NOW);
    const kept = await one!.issue("db", NOW);
    const second = () => other!.userOf(first.key, NOW);
    await expect.poll(second, { timeout: 1000 }).toBe("web");
    const { key } = await one!.rotate("web", 60, NOW);
    await expect.poll(() => other!.userOf(key, NOW), { timeout: 1000 }).toBe("web");
    expect([NOW, NOW + 60_000].map((at) => other!.userOf(first.key, at))).toEqual(["web", undefined]);
    await other!.revoke("web");
    const users = () => [first.key, key, kept.key].map((each) => one!.userOf(each, NOW));
    await expect.poll(users, { timeout: 1000 }).toEqual([undefined, undefined, "db"]);
  });

  it("issue a user one key when both are asked at once, and the one that was told is right", async () => {
    const users = Array.from({ length: 20 }, (_, round) => `web-${round}`);
    const keys: string[] = [];
    for (const user of users) {
      const outcomes = await Promise.allSettled(registries.map(({ announceKeys }) => announceKeys.issue(user, NOW)));
      const told = outcomes.filter((outcome) => outcome.status === "fulfilled");
      expect(told).toHaveLength(1);
      keys.push(told[0]!.value.key);
    }
    for (const { announceKeys } of registries)
      await expect.poll(() => keys.map((key) => announceKeys.userOf(key, NOW)), { timeout: 1000 }).toEqual(users);
  });

  it("let only one of two contents have a name when each gets one at once, and keep nothing of the other", async () => {
    for (let round = 0; round < 20; round++) {
      const contents = [APP, OTHER].map((content) => ({ ...content, name: `app-${round}` }));
      const outcomes = await Promise.allSettled(registries.map(async (each, at) => each.register(contents[at]!, NOW)));
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
      const [kept] = await registries[0]!.list();
      expect((await registries[1]!.list()).map(({ infoHash }) => infoHash)).toEqual([kept!.infoHash]);
      await redis.client.flushall();
      for (const registry of registries) await registry.close();
      registries = [
        await openRedisRegistry({ client: redis.client }),
        await openRedisRegistry({ client: redis.client }),
      ];
    }
  });

  it("end in one state when one activates what the other deactivates", async () => {
    const [one, other] = registries;
    await one!.register(APP, NOW);
    for (let round = 0; round < 20; round++) {
      await Promise.all([one!.activate(APP.infoHash, {}, NOW), other!.deactivate(APP.infoHash, NOW)]);
      const states = await Promise.all(registries.map(async (each) => (await each.list())[0]!.state));
      expect(states[0]).toBe(states[1]);
      const isMember = await redis.client.sismember("active_transfers", "AB".repeat(20));
      expect(isMember === 1).toBe(states[0] === "active");
    }
  });
});

describe("announce keys in Redis", () => {
  beforeEach(async () => void (await redis.client.flushall()));

  it("are read anew by a tracker that is further behind than changes are remembered", async () => {
    const [one, late] = [await openKeys(), await openKeys()];
    const revoked = await one.issue("revoked", NOW);
    const rotated = await one.issue("rotated", NOW);
    await late.refresh();
    await one.revoke("revoked");
    const { key } = await one.rotate("rotated", 0, NOW);
    for (let at = 0; at < 1000; at++) await one.issue(`user-${at}`, NOW);
    expect(await redis.client.zcard("{announce_keys}:changes")).toBe(1000);
    expect(late.userOf(revoked.key, NOW)).toBe("revoked");
    await late.refresh();
    const users = [revoked.key, rotated.key, key].map((each) => late.userOf(each, NOW));
    expect(users).toEqual([undefined, undefined, "rotated"]);
    expect(await late.list()).toHaveLength(1001);
  });

  it("are forgotten by a tracker whose Redis lost them, however many it counted since", async () => {
    const [one, late] = [await openKeys(), await openKeys()];
    const { key } = await one.issue("web", NOW);
    await late.refresh();
    await redis.client.flushall();
    await late.refresh();
    expect(late.userOf(key, NOW)).toBeUndefined();
  });

  it("are kept as text without the key itself", async () => {
    const one = await openKeys();
    const keys = [(await one.issue("web", NOW)).key, (await one.rotate("web", 60, NOW + 1)).key];
    const [digest, former] = keys.toReversed().map((key) => createHash("sha256").update(key).digest("hex"));
    expect(JSON.parse((await redis.client.hget("announce_keys", "web"))!)).toEqual({
      digest,
      issued: "2023-11-14T22:13:20.000Z",
      rotated: "2023-11-14T22:13:20.001Z",
      former: [{ digest: former, until: "2023-11-14T22:14:20.001Z" }],
    });
  });

  function openKeys() {
    return openRedisAnnounceKeys(createRegistryAccess(redis.client));
  }
});
