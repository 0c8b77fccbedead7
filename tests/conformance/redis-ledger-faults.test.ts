// The Redis ledger when answers are lost, when Redis is away, full or empty, and on data that is not its own.
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Delta } from "../../tracker/src/accounting/delta.ts";
import { type Ledger, LedgerError, type Recorded } from "../../tracker/src/accounting/ledger.ts";
import { openRedisLedger } from "../../tracker/src/accounting/redis-ledger.ts";
import type { TrafficReport } from "../../tracker/src/accounting/traffic-report.ts";
import { startRedisWire } from "../support/redis-cut.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { createRedisWorld, singleAt } from "../support/redis-world.ts";
import { type LedgerLimits, PLENTY } from "./ledger-suite.ts";
import { withCommits } from "./redis-ledger-commits.ts";
import { drain, INFO_HASH, reportOf, START, sumOf } from "./ledger-world.ts";

const [A, B] = ["1", "2"];
const SECOND = 1000;
const HASH = INFO_HASH.toUpperCase();
const [BASELINES, TOTALS] = [`{accounting}:baselines:${HASH}`, `{accounting}:totals:${HASH}`];

const world = createRedisWorld();
let redis: RedisServer;
beforeEach(async () => {
  redis = await startRedis();
});
afterEach(async () => redis.close());

/** As a tracker opens it: nothing waits for a Redis that is away. */
async function open(limits: Partial<LedgerLimits> = {}, port = redis.port): Promise<Ledger> {
  const connection = world.connect(singleAt(port));
  await connection.connected();
  return openRedisLedger({ connection, ...PLENTY, ...limits });
}

/** Again and again, as a recorder does. */
async function recordAtLast(ledger: Ledger, reports: readonly TrafficReport[]): Promise<Recorded> {
  for (;;) {
    const recorded = await ledger.record(reports).catch((error: unknown) => {
      expect(error).toBeInstanceOf(LedgerError);
    });
    if (recorded !== undefined) return recorded;
    await delay(20);
  }
}

const told = (deltas: readonly Delta[]) =>
  deltas.map(({ event, flag, deltaUploaded, deltaDownloaded }) => [event, flag, deltaUploaded, deltaDownloaded]);

describe("an answer that is lost", () => {
  const later = (name: string, seconds: number, change: Partial<TrafficReport>) =>
    reportOf(name, { reportedAt: START + seconds * SECOND, ...change });
  /** A client is begun by a first call; the answer to the second is lost. */
  const BATCH = [
    later(A, 1, { downloaded: 5 }),
    later(A, 2, { event: "stopped", downloaded: 9 }),
    later(B, 1, { downloaded: 70 }),
    later(B, 2, { event: "started", downloaded: 0 }),
    later(B, 3, { downloaded: 3 }),
    later("3", 1, { event: "started", downloaded: 1 }),
    later("3", 2, { uploaded: 40, downloaded: 1 }),
    later("3", 3, { event: "stopped", uploaded: 41, downloaded: 1 }),
  ];
  const ONCE = [
    ["none", "none", 0, 5],
    ["stopped", "none", 0, 4],
    ["none", "none", 0, 70],
    ["started", "restarted", 0, 0],
    ["none", "none", 0, 3],
    ["none", "none", 40, 0],
    ["stopped", "none", 1, 0],
  ];

  async function lose(limits: Partial<LedgerLimits> = {}): Promise<Ledger> {
    const wire = await world.keep(startRedisWire(redis.port));
    const ledger = await open(limits, wire.port);
    await ledger.record([reportOf(A), reportOf(B)]);
    wire.cutReplyTo("evalsha");
    await expect(ledger.record(BATCH)).rejects.toThrow(/Redis .*; /);
    expect(await redis.client.llen("{accounting}:pending")).toBeGreaterThan(0);
    return ledger;
  }

  it("counts nothing twice when the call is repeated", async () => {
    const ledger = await lose();
    const recorded = await recordAtLast(ledger, BATCH);
    expect(recorded).toMatchObject({ restarted: 1, pendingCount: ONCE.length });
    expect(recorded.racks).toEqual(new Map([["rack1", { uploaded: 41, downloaded: 82 }]]));
    expect(told(await drain(ledger))).toEqual(ONCE);
    expect((await ledger.totals(INFO_HASH)).map(({ downloaded }) => downloaded)).toEqual([9, 73, 0]);
  });

  it("counts nothing twice when the repetition is made of some of its reports and of new ones", async () => {
    const ledger = await lose();
    await recordAtLast(ledger, [...BATCH.slice(1), later(B, 4, { downloaded: 4 })]);
    expect(told(await drain(ledger))).toEqual([...ONCE, ["none", "none", 0, 1]]);
  });

  it("counts nothing twice of what is held with the baselines", async () => {
    const ledger = await lose({ maxPending: 0 });
    await recordAtLast(ledger, BATCH);
    expect(sumOf(await drain(ledger))).toMatchObject({ uploaded: 41, downloaded: 9 });
    await (await open()).record([later(B, 9, { downloaded: 4 })]);
    expect(sumOf(await drain(ledger))).toMatchObject({ uploaded: 0, downloaded: 74 });
  });

  it("counts what was not written either, once, when Redis died before it could", async () => {
    const ledger = await open();
    await ledger.record([reportOf(A), reportOf(B)]);
    await redis.kill("SIGKILL");
    await expect(ledger.record(BATCH)).rejects.toThrow(LedgerError);
    await redis.restart();
    await (await open()).record([reportOf(A), reportOf(B)]);
    await recordAtLast(ledger, BATCH);
    expect(told(await drain(ledger))).toEqual(ONCE);
  });

  it("counts nothing twice when the commit that was taken for lost comes after its repetition", async () => {
    const connection = world.connect(singleAt(redis.port));
    await connection.connected();
    let late: (() => Promise<unknown>) | undefined;
    const client = withCommits(connection.client, async (commit) => {
      if (late !== undefined) return commit();
      late = commit;
      throw new Error("Command timed out");
    });
    const ledger = openRedisLedger({ connection: { ...connection, client }, ...PLENTY });
    // Nothing is known of this client before and after, so that no baseline tells.
    const visit = BATCH.slice(5);
    await expect(ledger.record(visit)).rejects.toThrow(/does not answer in time/);
    await ledger.record(visit);
    const before = await everything();
    await late!();
    expect(await everything()).toEqual(before);
    expect(told(await drain(ledger))).toEqual(ONCE.slice(5));
  });

  it.each([
    ["a last report", { event: "stopped", downloaded: 9 }],
    ["a restart", { event: "started", downloaded: 2 }],
    ["what no link can carry", { downloaded: 2 ** 50 }],
  ] as const)("counts nothing twice when the client tells another tracker again: %s", async (_, change) => {
    const wire = await world.keep(startRedisWire(redis.port));
    const [dead, other] = [await open({}, wire.port), await open()];
    await dead.record([reportOf(A, { downloaded: 3 }), later(A, 1, { downloaded: 7 })]);
    wire.cutReplyTo("evalsha");
    await expect(dead.record([later(A, 2, change)])).rejects.toThrow(LedgerError);
    const before = await other.pending(10);
    expect(before).toHaveLength(2);
    expect(await other.record([later(A, 3, change), later(A, 4, change)])).toMatchObject({ pendingCount: 2 });
    expect(await drain(other)).toEqual(before);
  });
});

describe("a Redis that is away or full", () => {
  it.each(["SIGKILL", "SIGSTOP"] as const)("fails calls within a second after %s, and none later", async (signal) => {
    const ledger = await open();
    await ledger.record([reportOf(A)]);
    await redis.kill(signal);
    const startedAt = performance.now();
    await expect(ledger.record([reportOf(A, { downloaded: 1 })])).rejects.toThrow(/accounting .*Redis .*; /);
    expect(performance.now() - startedAt).toBeLessThan(1000);
    await expect(ledger.pending(1)).rejects.toThrow(LedgerError);
    if (signal === "SIGKILL") await redis.restart();
    else await redis.kill("SIGCONT");
    await recordAtLast(ledger, [reportOf(A, { downloaded: 1 }), reportOf(A, { downloaded: 2 })]);
    expect(sumOf(await drain(ledger)).downloaded).toBe(signal === "SIGKILL" ? 1 : 2);
  });

  it("is told of with the remedy and written to by no half, and goes on when there is room", async () => {
    const ledger = await open();
    await ledger.record([reportOf(A), reportOf(B), reportOf("3", { left: 0 })]);
    await ledger.record([reportOf(A, { downloaded: 5 })]);
    const before = await everything();
    await redis.client.config("SET", "maxmemory", "1");
    const report = reportOf(A, { downloaded: 8, event: "stopped" });
    await expect(ledger.record([report])).rejects.toThrow(/used up its maxmemory .*; raise maxmemory/);
    expect(await everything()).toEqual(before);
    const [delta] = await ledger.pending(1);
    await ledger.release(delta!);
    await ledger.sweep({ now: START + 9, silentSince: START + 9, unchangedSince: START + 9 });
    const left = Object.keys(await everything()).filter((key) => !key.startsWith("{accounting}:commit:"));
    expect(left).toEqual(["{accounting}:ledger"]);
    await redis.client.config("SET", "maxmemory", "0");
    await ledger.record([reportOf(A), report]);
    expect(told(await drain(ledger))).toEqual([["stopped", "none", 0, 8]]);
  });
});

describe("a Redis that lost everything", () => {
  it("has a new source, so that no number is given twice", async () => {
    const ledger = await open();
    await ledger.record([reportOf(A), reportOf(A, { downloaded: 5 }), reportOf(A, { downloaded: 6 })]);
    const old = await ledger.pending(2);
    await redis.client.flushall();
    expect(await ledger.pending(2)).toEqual([]);
    await ledger.record([reportOf(A), reportOf(A, { downloaded: 8 })]);
    await ledger.release(old[1]!);
    const [delta] = await ledger.pending(2);
    expect(delta).toMatchObject({ sequence: 1, deltaDownloaded: 8 });
    expect(delta!.source).not.toBe(old[0]!.source);
  });
});

describe("foreign data", () => {
  it.each(["{accounting}:ledger", "{accounting}:pending", "{accounting}:transfers", BASELINES, TOTALS])(
    "under %s fails calls with the remedy, and nothing is written then",
    async (key) => {
      const ledger = await open();
      await ledger.record([reportOf(A)]);
      await redis.client.del(key);
      await redis.client.setbit(key, 1, 1);
      const before = await everything();
      const failing = ledger.record([reportOf(B), reportOf(B, { downloaded: 5 })]);
      await expect(failing).rejects.toThrow(/data of another kind .*; give the tracker a database of its own/);
      expect(await everything()).toEqual(before);
    },
  );

  it("that is no baseline fails calls, saying where to look", async () => {
    const ledger = await open();
    await ledger.record([reportOf(A)]);
    const [peerId] = await redis.client.hkeys(BASELINES);
    await redis.client.hset(BASELINES, peerId!, "somebody's");
    await expect(ledger.record([reportOf(A)])).rejects.toThrow(/; see what is under \{accounting\}: in Redis at /);
  });
});

/** All keys of Redis with their contents. */
async function everything(): Promise<Record<string, unknown>> {
  const keys = await redis.client.keys("*");
  return Object.fromEntries(await Promise.all(keys.map(async (key) => [key, await redis.client.dump(key)] as const)));
}
