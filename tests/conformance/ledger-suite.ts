// What every Ledger must hold; run by the SQLite and the Redis ledger.
import { afterEach, describe, expect, it } from "vitest";
import type { CountingRules } from "../../tracker/src/accounting/counting.ts";
import { BATCH_DELTAS, type Ledger } from "../../tracker/src/accounting/ledger.ts";
import { ledgerModelTests } from "./ledger-model.ts";
import { drain, INFO_HASH, reportOf, START, sumOf } from "./ledger-world.ts";
import type { InfoHash } from "../../tracker/src/swarm/identifiers.ts";

export interface LedgerLimits extends Pick<CountingRules, "linkMbits"> {
  readonly maxPending: number;
  readonly hasSink: boolean;
}

/** One place that a ledger is kept in. */
export interface LedgerHome {
  /** May be called again and again: each is a tracker that starts. The ledger before may be left open, as one that was killed leaves it. */
  open(limits: LedgerLimits): Ledger | Promise<Ledger>;
  remove(): Promise<void>;
}

export const PLENTY: LedgerLimits = { linkMbits: 100_000, maxPending: 1_000_000, hasSink: true };
const [A, B] = ["1", "2"];
const SECOND = 1000;

export function ledgerSuite(name: string, createHome: () => Promise<LedgerHome>, { modelRuns = 60 } = {}): void {
  describe(`${name}: ledger`, () => {
    let home: LedgerHome | undefined;
    afterEach(async () => {
      await home?.remove();
      home = undefined;
    });

    async function open(limits: Partial<LedgerLimits> = {}): Promise<Ledger> {
      home = await createHome();
      return home.open({ ...PLENTY, ...limits });
    }

    it("takes the first report for the baseline, and makes deltas of what the counters go up by", async () => {
      const ledger = await open();
      await ledger.record([reportOf(A, { event: "started", uploaded: 7, downloaded: 9 })]);
      expect(await ledger.pending(10)).toEqual([]);
      await ledger.record([reportOf(A, { uploaded: 17, downloaded: 1009, left: 5, reportedAt: START + 2345 })]);
      const [delta, ...more] = await ledger.pending(10);
      expect(more).toEqual([]);
      expect(delta).toEqual({
        id: `${delta!.source}-1`,
        source: expect.stringMatching(/^[0-9a-f]{16}$/),
        sequence: 1,
        user: "10.0.0.1",
        infoHash: INFO_HASH,
        peerId: Buffer.from(reportOf(A).peerId, "latin1").toString("hex"),
        address: "10.0.0.1",
        rack: "rack1",
        event: "none",
        deltaUploaded: 10,
        deltaDownloaded: 1000,
        secondsSeeded: 0,
        left: 5,
        flag: "none",
        reportedAt: new Date(START + 2345).toISOString(),
      });
    });

    it("makes no delta of counters that did not change", async () => {
      const ledger = await open();
      const report = reportOf(A, { downloaded: 5 });
      await ledger.record([report, report, { ...report, event: "completed" }]);
      await ledger.record([report]);
      expect(await ledger.pending(10)).toEqual([]);
    });

    it("makes a last delta of `stopped`, and knows nothing of the client after it", async () => {
      const ledger = await open();
      await ledger.record([reportOf(A), reportOf(A, { event: "stopped", downloaded: 4 })]);
      await ledger.record([reportOf(A, { event: "stopped", downloaded: 9 })]);
      await ledger.record([reportOf(A, { downloaded: 20 }), reportOf(A, { downloaded: 21 })]);
      const told = (await drain(ledger)).map(({ event, deltaDownloaded }) => [event, deltaDownloaded]);
      expect(told).toEqual([
        ["stopped", 4],
        ["none", 1],
      ]);
    });

    it("takes counters that went back for a restart: a flagged delta of nothing, and a new baseline", async () => {
      const ledger = await open();
      const { restarted } = await ledger.record([
        reportOf(A, { uploaded: 50, downloaded: 50 }),
        reportOf(A, { event: "started", uploaded: 60, downloaded: 3, reportedAt: START + SECOND }),
        reportOf(A, { uploaded: 61, downloaded: 5, reportedAt: START + 2 * SECOND }),
        reportOf(A, { uploaded: 1, downloaded: 1, reportedAt: START + 60 * SECOND }),
        reportOf(A, { uploaded: 2, downloaded: 1, reportedAt: START + 61 * SECOND }),
      ]);
      expect(restarted).toBe(2);
      const told = await drain(ledger);
      expect(told.map(({ flag, deltaUploaded, deltaDownloaded }) => [flag, deltaUploaded, deltaDownloaded])).toEqual([
        ["restarted", 0, 0],
        ["none", 1, 2],
        ["restarted", 0, 0],
        ["none", 1, 0],
      ]);
    });

    it("leaves a report out that a later one of the same client overtook", async () => {
      const ledger = await open();
      const { outOfOrder } = await ledger.record([
        reportOf(A),
        reportOf(A, { downloaded: 100, reportedAt: START + 10 }),
        reportOf(A, { downloaded: 90, reportedAt: START + 20 }),
        reportOf(A, { downloaded: 110, reportedAt: START + 30 }),
      ]);
      expect(outOfOrder).toBe(1);
      expect(sumOf(await drain(ledger)).downloaded).toBe(110);
    });

    it("leaves a report out that was made before a restart and comes after it", async () => {
      const ledger = await open();
      const { outOfOrder } = await ledger.record([
        reportOf(A, { downloaded: 500 }),
        reportOf(A, { event: "started", reportedAt: START + 2 * SECOND }),
        reportOf(A, { downloaded: 600, reportedAt: START + SECOND }),
        reportOf(A, { downloaded: 7, reportedAt: START + 3 * SECOND }),
        reportOf(A, { downloaded: 9, event: "stopped", reportedAt: START + 2 * SECOND }),
      ]);
      expect(outOfOrder).toBe(1);
      expect(sumOf(await drain(ledger)).downloaded).toBe(9);
    });

    it("counts a client that announces from two addresses once, for the first of them", async () => {
      const ledger = await open();
      const over6 = { user: "fd00::1", address: "fd00::1" };
      await ledger.record([reportOf(A, { event: "started" }), reportOf(A, { event: "started", ...over6 })]);
      await ledger.record([reportOf(A, { downloaded: 8 }), reportOf(A, { downloaded: 8, ...over6 })]);
      await ledger.record([reportOf(A, { downloaded: 9, ...over6 }), reportOf(A, { downloaded: 9 })]);
      const told = await drain(ledger);
      expect(told.map(({ user, address }) => [user, address])).toEqual([
        ["10.0.0.1", "10.0.0.1"],
        ["10.0.0.1", "fd00::1"],
      ]);
      expect(sumOf(told).downloaded).toBe(9);
    });

    it("does not believe more than a link can have carried, and says so", async () => {
      const ledger = await open({ linkMbits: 1000 });
      // A minute is what a client may be late; a second of 1,000 Mbit/s is 125 MB.
      const most = 61 * 125e6;
      const { implausible, racks } = await ledger.record([
        reportOf(A),
        reportOf(B),
        reportOf(A, { downloaded: most, reportedAt: START + SECOND }),
        reportOf(B, { uploaded: most + 1, reportedAt: START + SECOND }),
        reportOf(B, { uploaded: most + 2, reportedAt: START + 2 * SECOND }),
      ]);
      expect(implausible).toBe(1);
      expect(racks).toEqual(new Map([["rack1", { uploaded: 1, downloaded: most }]]));
      const told = await drain(ledger);
      expect(told.map(({ flag, deltaUploaded, deltaDownloaded }) => [flag, deltaUploaded, deltaDownloaded])).toEqual([
        ["none", 0, most],
        ["implausible", 0, 0],
        ["none", 1, 0],
      ]);
    });

    it("counts with the largest numbers that are exact", async () => {
      const ledger = await open({ linkMbits: 1e12 });
      const most = Number.MAX_SAFE_INTEGER;
      await ledger.record([
        reportOf(A, { left: most }),
        reportOf(A, { uploaded: most, downloaded: most, reportedAt: START + 1e9 }),
        reportOf(A, { event: "stopped", uploaded: most, downloaded: most, reportedAt: START + 2e9 }),
      ]);
      expect(sumOf(await drain(ledger))).toMatchObject({ uploaded: most, downloaded: most });
      expect(await ledger.totals(INFO_HASH)).toMatchObject([{ uploaded: most, downloaded: most }]);
    });

    it("counts the time between two reports of a complete client as seeding, told with the next delta", async () => {
      const ledger = await open();
      const seeding = (seconds: number, uploaded: number) =>
        reportOf(A, { left: 0, uploaded, reportedAt: START + seconds * SECOND });
      await ledger.record([reportOf(A, { left: 1, reportedAt: START - 99 * SECOND }), seeding(0, 0), seeding(10, 0)]);
      expect((await drain(ledger)).map(({ secondsSeeded }) => secondsSeeded)).toEqual([]);
      await ledger.record([seeding(30.5, 9), { ...seeding(31, 9), event: "stopped" }]);
      expect((await drain(ledger)).map(({ secondsSeeded }) => secondsSeeded)).toEqual([30.5, 0.5]);
    });

    it("counts on, for clients that it knows, when their transfer is no longer served", async () => {
      const ledger = await open();
      const unserved = { isUnserved: true, rack: "", address: "" };
      await ledger.record([reportOf(A), reportOf(A, { downloaded: 5, ...unserved })]);
      await ledger.record([reportOf(B, { downloaded: 5, ...unserved }), reportOf(B, { downloaded: 6, ...unserved })]);
      const told = await drain(ledger);
      expect(told).toMatchObject([{ user: "10.0.0.1", rack: "rack1", address: "10.0.0.1", deltaDownloaded: 5 }]);
    });

    it("gives deltas in order and without gaps, whatever was released, and none twice", async () => {
      const ledger = await open();
      const round = (bytes: number) => [A, B].map((name) => reportOf(name, { downloaded: bytes }));
      await ledger.record([...round(0), ...round(1), ...round(2)]);
      const first = await ledger.pending(3);
      expect(first.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
      await ledger.release(first[1]!);
      expect((await ledger.pending(3)).map(({ sequence }) => sequence)).toEqual([3, 4]);
      await ledger.record(round(3));
      const rest = await drain(ledger);
      expect(rest.map(({ id }) => id)).toEqual([3, 4, 5, 6].map((number) => `${first[0]!.source}-${number}`));
      await ledger.release(first[0]!);
      const { pendingCount } = await ledger.record(round(4));
      expect(pendingCount).toBe(2);
      expect(await ledger.pendingCount()).toBe(2);
    });

    it("goes on after it was killed: same source, next number, same baselines and totals", async () => {
      const before = await open();
      await before.record([reportOf(A), reportOf(A, { downloaded: 5 })]);
      const [first] = await drain(before);
      await before.record([reportOf(A, { downloaded: 6 })]);
      const totals = await before.totals(INFO_HASH);
      const after = await home!.open(PLENTY);
      expect(await after.totals(INFO_HASH)).toEqual(totals);
      expect(await after.pendingCount()).toBe(1);
      const { pendingCount } = await after.record([reportOf(A, { downloaded: 8 })]);
      expect(pendingCount).toBe(2);
      const told = await drain(after);
      expect(told.map(({ source, sequence, deltaDownloaded }) => [source, sequence, deltaDownloaded])).toEqual([
        [first!.source, 2, 1],
        [first!.source, 3, 2],
      ]);
    });

    it("holds what is moved while too many wait, and tells it when there is room again", async () => {
      const ledger = await open({ maxPending: 2 });
      const report = (bytes: number) => reportOf(A, { downloaded: bytes });
      await ledger.record([report(0), report(1), report(2), report(30), report(400)]);
      const { pendingCount } = await ledger.record([reportOf(B), reportOf(B, { uploaded: 7 })]);
      expect(pendingCount).toBe(2);
      expect(sumOf(await drain(ledger)).downloaded).toBe(2);
      await ledger.record([report(5000), reportOf(B, { uploaded: 7, event: "stopped" })]);
      expect(sumOf(await drain(ledger))).toEqual({ uploaded: 7, downloaded: 4998, seededMs: 0 });
      expect((await ledger.totals(INFO_HASH)).map(({ downloaded }) => downloaded)).toEqual([5000, 0]);
    });

    it("has room for the last delta of a client always", async () => {
      const ledger = await open({ maxPending: 1 });
      await ledger.record([reportOf(A), reportOf(B), reportOf(A, { downloaded: 1 }), reportOf(B, { downloaded: 2 })]);
      const stopped = [
        reportOf(A, { event: "stopped", downloaded: 10 }),
        reportOf(B, { event: "stopped", downloaded: 20 }),
      ];
      expect(await ledger.record(stopped)).toMatchObject({ pendingCount: 3 });
      expect(sumOf(await drain(ledger)).downloaded).toBe(30);
    });

    it("ends what it knows of silent clients, telling first what it holds", async () => {
      const ledger = await open({ maxPending: 1 });
      await ledger.record([reportOf(A, { left: 0 }), reportOf(A, { left: 0, reportedAt: START + SECOND })]);
      await ledger.record([reportOf(B, { reportedAt: START + 5 * SECOND })]);
      await sweepAll(ledger, { now: START + 9 * SECOND, silentSince: START + 3 * SECOND, unchangedSince: 0 });
      expect(await drain(ledger)).toMatchObject([
        {
          user: "10.0.0.1",
          event: "expired",
          secondsSeeded: 1,
          deltaUploaded: 0,
          reportedAt: "2023-11-14T22:13:29.000Z",
        },
      ]);
      const later = { uploaded: 9, reportedAt: START + 10 * SECOND };
      await ledger.record([reportOf(A, later), reportOf(B, later)]);
      expect(sumOf(await drain(ledger)).uploaded).toBe(9);
    });

    it("keeps totals by rack and user, until they did not change for long", async () => {
      const ledger = await open();
      const inOther = { rack: "dc1/räck “2”" };
      await ledger.record([
        reportOf(A),
        reportOf(B, inOther),
        reportOf(A, { downloaded: 4 }),
        reportOf(B, { uploaded: 3, ...inOther }),
      ]);
      await ledger.record([reportOf(A, { downloaded: 5, rack: "dc1/räck “2”", reportedAt: START + SECOND })]);
      const none = { uploaded: 0, downloaded: 0, secondsSeeded: 0 };
      const all = [
        { ...none, rack: "dc1/räck “2”", user: "10.0.0.1", downloaded: 1, changedAt: START + SECOND },
        { ...none, rack: "dc1/räck “2”", user: "10.0.0.2", uploaded: 3, changedAt: START },
        { ...none, rack: "rack1", user: "10.0.0.1", downloaded: 4, changedAt: START },
      ];
      expect(await ledger.totals(INFO_HASH)).toEqual(all);
      expect(await ledger.totals("cd".repeat(20) as InfoHash)).toEqual([]);
      await sweepAll(ledger, { now: START + 9, silentSince: 0, unchangedSince: START - 1 });
      expect(await ledger.totals(INFO_HASH)).toEqual(all);
      await sweepAll(ledger, { now: START + 9, silentSince: 0, unchangedSince: START + 2 * SECOND });
      expect(await ledger.totals(INFO_HASH)).toEqual([]);
    });

    it("keeps no deltas where no sink is to have them, and totals all the same", async () => {
      const ledger = await open({ hasSink: false, maxPending: 1 });
      const report = (bytes: number) => reportOf(A, { downloaded: bytes });
      const { pendingCount, racks } = await ledger.record([report(0), report(1), report(3), report(7)]);
      expect(pendingCount).toBe(0);
      expect(racks).toEqual(new Map([["rack1", { uploaded: 0, downloaded: 7 }]]));
      expect(await ledger.totals(INFO_HASH)).toMatchObject([{ downloaded: 7 }]);
      const told = await home!.open(PLENTY);
      await told.record([report(9)]);
      expect(sumOf(await drain(told)).downloaded).toBe(2);
    });

    it("takes full batches", async () => {
      const ledger = await open();
      const batch = (bytes: number) =>
        Array.from({ length: BATCH_DELTAS }, (_, at) => reportOf(String(at), { downloaded: bytes }));
      await ledger.record(batch(0));
      expect(await ledger.record(batch(1))).toMatchObject({ pendingCount: BATCH_DELTAS });
      expect(await ledger.pending(BATCH_DELTAS)).toHaveLength(BATCH_DELTAS);
    });

    ledgerModelTests(createHome, modelRuns);
  });
}

/** Bounded work a call: enough calls for all. */
async function sweepAll(ledger: Ledger, limits: Parameters<Ledger["sweep"]>[0]): Promise<void> {
  for (let call = 0; call < 3; call++) await ledger.sweep(limits);
}
