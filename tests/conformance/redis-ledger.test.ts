import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Ledger } from "../../tracker/src/accounting/ledger.ts";
import { openRedisLedger } from "../../tracker/src/accounting/redis-ledger.ts";
import { openRedis, type RedisConnection } from "../../tracker/src/redis/redis-connection.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { singleAt } from "../support/redis-world.ts";
import { ledgerSuite, PLENTY } from "./ledger-suite.ts";
import { drain, INFO_HASH, reportOf, START, sumOf } from "./ledger-world.ts";
import type { InfoHash } from "../../tracker/src/swarm/identifiers.ts";

let redis: RedisServer;
let connection: RedisConnection;
beforeAll(async () => {
  redis = await startRedis();
  const settings = { place: singleAt(redis.port), username: undefined, password: undefined, tls: undefined };
  connection = openRedis(settings, { log: { warn: () => {}, info: () => {} } });
  await connection.connected();
});
afterAll(async () => {
  await connection.close();
  await redis.close();
});

ledgerSuite(
  "redis",
  async () => {
    await redis.client.flushall();
    return { open: (limits) => openRedisLedger({ connection, ...limits }), remove: async () => {} };
  },
  { modelRuns: 30 },
);

describe("a ledger in Redis", () => {
  const HASH = INFO_HASH.toUpperCase();
  let ledger: Ledger;
  beforeEach(async () => {
    await redis.client.flushall();
    ledger = openRedisLedger({ connection, ...PLENTY, linkMbits: 1e12 });
  });

  it("is in keys of one hash tag, as text that can be read", async () => {
    await ledger.record([reportOf("1"), reportOf("1", { downloaded: 5 })]);
    const keys = (await redis.client.keys("*")).toSorted();
    const commit = expect.stringMatching(/^\{accounting\}:commit:[0-9a-f]{16}$/) as string;
    const others = [`baselines:${HASH}`, "ledger", "pending", `totals:${HASH}`, "transfers"];
    expect(keys.toSpliced(1, 1)).toEqual(others.map((name) => `{accounting}:${name}`));
    expect(keys[1]).toEqual(commit);
    expect(await redis.client.pttl(keys[1]!)).toBeGreaterThan(0);
    const peerId = Buffer.from(reportOf("1").peerId, "latin1").toString("hex");
    expect(await redis.client.hgetall(`{accounting}:baselines:${HASH}`)).toEqual({
      [peerId]: `["10.0.0.1","10.0.0.1","rack1",0,5,1073741824,${START},0,0,0]`,
    });
    expect(await redis.client.hgetall(`{accounting}:totals:${HASH}`)).toEqual({
      '["rack1","10.0.0.1"]': `0 5 0 ${START}`,
    });
    expect(await redis.client.smembers("{accounting}:transfers")).toEqual([HASH]);
  });

  it("counts and numbers up to the largest number that is exact, and stops at it", async () => {
    const most = Number.MAX_SAFE_INTEGER;
    await ledger.record([reportOf("1"), reportOf("1", { uploaded: most - 2 })]);
    await redis.client.hset("{accounting}:ledger", "sequence", `${most - 2}`);
    const again = { event: "stopped", user: "10.0.0.1", reportedAt: START + 1 } as const;
    await ledger.record([reportOf("2", { user: "10.0.0.1" }), reportOf("2", { ...again, uploaded: 1 })]);
    expect(await ledger.totals(INFO_HASH)).toMatchObject([{ uploaded: most - 1, changedAt: START + 1 }]);
    await ledger.record([reportOf("2", { user: "10.0.0.1" }), reportOf("2", { ...again, uploaded: most })]);
    expect(await ledger.totals(INFO_HASH)).toMatchObject([{ uploaded: most }]);
    const deltas = await ledger.pending(9);
    expect(deltas.map(({ sequence, deltaUploaded }) => [sequence, deltaUploaded])).toEqual([
      [most - 2, most - 2],
      [most - 1, 1],
      [most, most],
    ]);
    await ledger.release(deltas[1]!);
    expect(await ledger.pending(9)).toEqual(deltas.slice(2));
  });

  it("is swept by calls that look at a bounded number of clients and totals each, until nothing is left", async () => {
    const transfers = ["aa", "bb", "cc"].map((byte) => byte.repeat(20) as InfoHash);
    for (const infoHash of transfers) {
      const clients = Array.from({ length: 900 }, (_, at) => `${at}`);
      await ledger.record(clients.map((name) => reportOf(name, { infoHash, left: 0 })));
      await ledger.record(clients.map((name) => reportOf(name, { infoHash, left: 0, reportedAt: START + 1 })));
    }
    const limits = { now: START + 9, silentSince: START + 9, unchangedSince: START + 9 };
    let calls = 0;
    for (let known = await entries(); known > 0 && calls < 20; calls++) {
      await ledger.sweep(limits);
      const left = await entries();
      expect(known - left).toBeLessThan(3000);
      known = left;
    }
    expect(calls).toBeGreaterThanOrEqual(3);
    const left = (await redis.client.keys("*")).filter((key) => !key.includes(":commit:"));
    expect(left.toSorted()).toEqual(["{accounting}:ledger", "{accounting}:pending"]);
    expect(sumOf(await drain(ledger, 1000)).seededMs).toBe(2700);
  });

  async function entries(): Promise<number> {
    const hashes = (await redis.client.keys("*")).filter((key) => /:(baselines|totals):/.test(key));
    const sizes = await Promise.all(hashes.map(async (key) => redis.client.hlen(key)));
    return sizes.reduce((sum, size) => sum + size, 0);
  }
});
