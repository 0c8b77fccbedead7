// Trackers that share a ledger in Redis: whichever of them clients announce to, and whichever dies, all is counted once.
import { setImmediate, setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Delta } from "../../tracker/src/accounting/delta.ts";
import { BATCH_DELTAS, type Ledger, type Recorded } from "../../tracker/src/accounting/ledger.ts";
import { startDeliveryLease } from "../../tracker/src/accounting/redis/delivery-lease.ts";
import { openRedisLedger } from "../../tracker/src/accounting/redis-ledger.ts";
import type { TrafficReport } from "../../tracker/src/accounting/traffic-report.ts";
import { type RedisWire, startRedisWire } from "../support/redis-cut.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { createRedisWorld, singleAt } from "../support/redis-world.ts";
import { expectSums, ledgerModelTests, type LedgerStep, ledgerStep, LedgerWorld } from "./ledger-model.ts";
import { PLENTY } from "./ledger-suite.ts";
import { withCommits } from "./redis-ledger-commits.ts";
import { drain, INFO_HASH, reportOf, sumOf } from "./ledger-world.ts";

/** Turns of the event loop from a call to its tracker's death; the call takes about so many. */
const MOST_PATIENCE = 12;
/** In a commit, and in nothing else that these trackers ask. */
const COMMITS = "{accounting}:transfers";

const world = createRedisWorld();
let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
});
afterAll(async () => redis.close());

interface Tracker {
  readonly ledger: Ledger;
  /** As its recorder buffers them. */
  readonly reports: TrafficReport[];
  readonly wire: RedisWire;
  /** Its connection breaks, whatever is on the way. */
  die(): void;
}

async function start(maxPending: number): Promise<Tracker> {
  const wire = await startRedisWire(redis.port);
  const connection = world.connect(singleAt(wire.port));
  await connection.connected();
  const ledger = openRedisLedger({ connection, linkMbits: 1e6, maxPending, hasSink: true });
  const die = () => {
    void wire.close();
    void connection.close();
  };
  return { ledger, reports: [], wire, die };
}

/** Until it is answered, as a recorder does. */
async function record({ ledger, reports }: Pick<Tracker, "ledger" | "reports">): Promise<Recorded> {
  const batch = reports.splice(0);
  for (;;) {
    const recorded = await ledger.record(batch).catch(() => undefined);
    if (recorded !== undefined) return recorded;
    await delay(10);
  }
}

/** While it records. What its clients say next is what they said last. */
async function kill({ ledger, reports, die }: Tracker, patience: number): Promise<TrafficReport[]> {
  const recording = ledger.record(reports).catch(() => undefined);
  for (let turn = 0; turn < patience; turn++) await setImmediate();
  die();
  await recording;
  return [...new Map(reports.map((report) => [report.peerId, report])).values()];
}

interface Turn {
  readonly step: LedgerStep;
  /** Which tracker. */
  readonly at: 0 | 1;
  readonly patience: number;
  /** The answer to its next commit is lost. */
  readonly isCut: boolean;
}

const turn: fc.Arbitrary<Turn> = fc.record({
  step: fc.oneof({ weight: 9, arbitrary: ledgerStep }, fc.constant({ kind: "kill" } as const)),
  at: fc.constantFrom(0, 1),
  patience: fc.nat(MOST_PATIENCE),
  isCut: fc.nat(19).map((number) => number === 0),
});

async function follow(turns: readonly Turn[], startOne: () => Promise<Tracker>): Promise<void> {
  const trackers: [Tracker, Tracker] = [await startOne(), await startOne()];
  const model = new LedgerWorld();
  const told: Delta[] = [];
  const recordAll = async () => Promise.all(trackers.map(record));
  for (const { step, at, patience, isCut } of turns) {
    const tracker = trackers[at];
    if (isCut) tracker.wire.cutReplyTo(COMMITS);
    const isAwaited = needsRecord(step, model);
    if (isAwaited) await recordAll();
    model.take(step);
    for (const [index, report] of model.reports.splice(0).entries()) trackers[(at + index) % 2]!.reports.push(report);
    if (isAwaited || step.kind === "record") await recordAll();
    if (step.kind === "drain") {
      const [deltas] = await Promise.all([drain(tracker.ledger, 7), record(trackers[1 - at]!)]);
      told.push(...deltas);
    }
    if (step.kind === "kill") {
      const lost = await kill(tracker, patience);
      trackers[at] = await startOne();
      trackers[at].reports.push(...lost);
    }
  }
  await recordAll();
  const last = await startOne();
  await expectSums(last.ledger, model, told);
  for (const { die } of [...trackers, last]) die();
}

/** What is answered when it is recorded: a client does not hurry from one tracker to another with it. All before it is recorded by then. */
function needsRecord(step: LedgerStep, { clients }: LedgerWorld): boolean {
  if (step.kind === "announce") return clients[step.client]!.heard === undefined;
  return ["overtaken", "stop", "restart", "restart-unheard"].includes(step.kind);
}

describe("a tracker whose every other commit is not answered", () => {
  ledgerModelTests(async () => {
    await redis.client.flushall();
    const started: Tracker[] = [];
    return {
      async open({ maxPending }) {
        const tracker = await start(maxPending);
        started.push(tracker);
        let calls = 0;
        const repeating = async (reports: readonly TrafficReport[]) => {
          if (++calls % 2 === 1) tracker.wire.cutReplyTo(COMMITS);
          const recorded = await record({ ...tracker, reports: [...reports] });
          tracker.wire.cutReplyTo("no such command");
          return recorded;
        };
        return { ...tracker.ledger, record: repeating };
      },
      async remove() {
        for (const { die } of started) die();
      },
    };
  }, 15);
});

describe("trackers that share a ledger", () => {
  it("come to the sums of a plain model, whichever is announced to, is not answered, or dies in the middle", async () => {
    const history = fc.array(turn, { minLength: 20, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(history, fc.constantFrom(2, 1_000_000), async (turns, maxPending) => {
        await redis.client.flushall();
        await follow(turns, async () => start(maxPending));
      }),
      { numRuns: 30 },
    );
  });

  it("count a thousand clients once that announce to all of them at once, time and again", async () => {
    const trackers = await Promise.all([0, 1, 2].map(async () => start(PLENTY.maxPending)));
    const batch = (bytes: number) =>
      Array.from({ length: BATCH_DELTAS }, (_, at) => reportOf(String(at), { downloaded: bytes }));
    for (let bytes = 0; bytes <= 3; bytes++)
      await Promise.all(trackers.map(async ({ ledger }) => ledger.record(batch(bytes))));
    const deltas = await drain(trackers[0]!.ledger, BATCH_DELTAS);
    expect(sumOf(deltas).downloaded).toBe(3 * BATCH_DELTAS);
    expect(deltas.map(({ sequence }) => sequence)).toEqual(deltas.map((_, at) => at + 1));
    for (const { die } of trackers) die();
  });

  it("write in parts what they cannot write at once, because others count one of its clients each time", async () => {
    const [{ ledger: other, die }, connection] = [await start(1000), world.connect(singleAt(redis.port))];
    await connection.connected();
    let interrupted = 0;
    const client = withCommits(connection.client, async (commit, size) => {
      if (size > 300) await other.record([reportOf("70", { downloaded: ++interrupted })]);
      return commit();
    });
    const ledger = openRedisLedger({
      connection: { ...connection, client },
      linkMbits: 1e6,
      maxPending: 1000,
      hasSink: true,
    });
    const batch = (bytes: number) => Array.from({ length: 100 }, (_, at) => reportOf(`${at}`, { downloaded: bytes }));
    await other.record(batch(0));
    const { racks } = await ledger.record(batch(1000));
    expect(interrupted).toBeGreaterThan(1);
    expect(racks.get("rack1")).toMatchObject({ downloaded: 100 * 1000 - interrupted });
    expect(sumOf(await drain(ledger)).downloaded).toBe(100 * 1000);
    die();
  });

  it("hold what is moved while too many deltas wait of all of them", async () => {
    const [one, other] = [await start(3), await start(3)];
    const report = (bytes: number, name = "1") => reportOf(name, { downloaded: bytes });
    await one.ledger.record([report(0), report(1), report(2), report(3)]);
    expect(await other.ledger.record([report(0, "2"), report(5, "2")])).toMatchObject({ pendingCount: 3 });
    const [first] = await other.ledger.pending(1);
    await other.ledger.release(first!);
    expect(await one.ledger.record([report(6, "2"), report(4)])).toMatchObject({ pendingCount: 3 });
    expect((await drain(other.ledger)).map(({ deltaDownloaded }) => deltaDownloaded)).toEqual([1, 1, 6]);
    expect((await one.ledger.totals(INFO_HASH)).map(({ downloaded }) => downloaded)).toEqual([4, 6]);
    for (const { die } of [one, other]) die();
  });
});

describe("the delivery of a shared ledger's deltas", () => {
  it("is one tracker's, whoever has the jobs, and another's when that one stops", async () => {
    const connection = world.connect(singleAt(redis.port));
    await connection.connected();
    await redis.client.set("{jobs}:lock", "1 other", "PX", 60_000);
    const leases = ["a", "b"].map((trackerName) =>
      startDeliveryLease({ client: connection.client, trackerName, leaseMs: 300, log: { info() {}, warn() {} } }),
    );
    const leading = () => leases.filter((lease) => lease.isLeading());
    await expect.poll(() => leading().length, { timeout: 2000 }).toBe(1);
    const [first] = leading();
    await delay(400);
    expect(leading()).toEqual([first]);
    await first!.close();
    expect(first!.isLeading()).toBe(false);
    await expect.poll(() => leading().length, { timeout: 2000 }).toBe(1);
    await Promise.all(leases.map(async (lease) => lease.close()));
    expect(await redis.client.keys("*lock")).toEqual(["{jobs}:lock"]);
  });
});
