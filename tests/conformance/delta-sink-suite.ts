// What every DeltaSink must hold; run against a file, a Redis stream, a webhook and PostgreSQL.
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { Delta } from "../../tracker/src/accounting/delta.ts";
import { type DeltaSink, SinkError } from "../../tracker/src/accounting/delta-sink.ts";
import { BATCH_DELTAS } from "../../tracker/src/accounting/ledger.ts";
import { deltas } from "../support/deltas.ts";

/** Where a sink writes to, empty at first. */
export interface SinkHome {
  open(): DeltaSink | Promise<DeltaSink>;
  /** All that has arrived, in order, with the fields of a delta. */
  arrived(): Promise<readonly Delta[]>;
  /** Takes it away without a warning; what was acknowledged stays. */
  kill(): Promise<void>;
  revive(): Promise<void>;
  /** How much the sink has open of it: connections, files. */
  openCount(): Promise<number>;
  remove(): Promise<void>;
}

const RETRY_MS = 20;
const CLOSED_MS = 2_000;

export interface SinkTraits {
  /** It is on this machine, so that what is wrong with it is told at the start. */
  readonly isLocal?: boolean;
}

export function deltaSinkSuite(
  name: string,
  createHome: () => Promise<SinkHome>,
  { isLocal = false }: SinkTraits = {},
): void {
  describe(`${name}: delta sink`, () => {
    let home: SinkHome | undefined;
    const sinks: DeltaSink[] = [];
    afterEach(async () => {
      await Promise.all(sinks.splice(0).map((sink) => sink.close()));
      await home?.remove();
      home = undefined;
    });

    async function start(): Promise<{ home: SinkHome; sink: DeltaSink }> {
      home = await createHome();
      return { home, sink: await open(home) };
    }

    async function open(where: SinkHome): Promise<DeltaSink> {
      const sink = await where.open();
      sinks.push(sink);
      return sink;
    }

    it("hands every delta over with every field as it is, in order", async () => {
      const { home, sink } = await start();
      const all = deltas(60);
      await sink.write(all.slice(0, 1));
      await sink.write(all.slice(1, 20));
      await sink.write(all.slice(20));
      expect(await home.arrived()).toEqual(all);
    });

    it("takes the largest batch of the longest texts", async () => {
      const { home, sink } = await start();
      const long = "数".repeat(300);
      const all = deltas(BATCH_DELTAS).map((delta) => ({ ...delta, user: long, rack: `${long}/${long}` }));
      await sink.write(all);
      expect(await home.arrived()).toEqual(all);
    });

    it("takes each delta once when a batch comes again, whole, cut differently or overlapping", async () => {
      const { home, sink } = await start();
      const all = deltas(50);
      for (const [first, end] of [
        [0, 20],
        [0, 20],
        [0, 7],
        [7, 30],
        [12, 13],
        [0, 41],
        [41, 50],
      ]) {
        await sink.write(all.slice(first, end));
      }
      expect(await home.arrived()).toEqual(all);
    });

    it("takes each delta once when it comes again from a tracker that was started anew", async () => {
      const { home, sink } = await start();
      const all = deltas(40);
      await sink.write(all.slice(0, 25));
      await sink.close();
      await (await open(home)).write(all.slice(5, 40));
      expect(await home.arrived()).toEqual(all);
    });

    it("numbers every source by itself", async () => {
      const { home, sink } = await start();
      const [ours, theirs] = [deltas(9), deltas(5, { source: "ffffffffffffffff" })];
      await sink.write(ours);
      await sink.write(theirs);
      expect(await home.arrived()).toEqual([...ours, ...theirs]);
    });

    it("rejects with cause and remedy while what it writes to is away, and then goes on", async () => {
      const { home, sink } = await start();
      const all = deltas(12);
      await sink.write(all.slice(0, 4));
      await home.kill();
      for (const batch of [all.slice(4), all.slice(4, 9)]) {
        const error: unknown = await sink.write(batch).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(SinkError);
        expect(error).toMatchObject({ message: expect.stringMatching(/\(.+\); .*(ACCOUNTING_SINK|connects again)/) });
      }
      await home.revive();
      await written(sink, all.slice(4));
      expect(await home.arrived()).toEqual(all);
    });

    it("loses nothing when what it writes to is killed amid batches and comes back", async () => {
      const { home, sink } = await start();
      let isOver = false;
      const outage = killAndRevive(home).finally(() => (isOver = true));
      const all: Delta[] = [];
      while (!isOver) {
        const batch = deltas(8, { from: all.length + 1 });
        await written(sink, batch);
        all.push(...batch);
      }
      await outage;
      expect(await home.arrived()).toEqual(all);
    });

    async function expectOpensWhileAway(): Promise<void> {
      home = await createHome();
      await home.kill();
      const sink = await open(home);
      await expect(sink.write(deltas(2))).rejects.toBeInstanceOf(SinkError);
      await home.revive();
      await written(sink, deltas(2));
      expect(await home.arrived()).toEqual(deltas(2));
    }

    async function expectRefusedWhileAway(): Promise<void> {
      home = await createHome();
      await home.kill();
      await expect(open(home)).rejects.toThrow(/\(.+\); .*ACCOUNTING_SINK/);
      await home.revive();
      await open(home);
    }

    const opening = isLocal ? "is refused with cause and remedy" : "opens, and writes later,";
    it(`${opening} while what it writes to is away`, () =>
      isLocal ? expectRefusedWhileAway() : expectOpensWhileAway());

    it("leaves nothing open when it is closed, amid a batch too", async () => {
      const { home, sink } = await start();
      await sink.write(deltas(3));
      await sink.close();
      await expect.poll(() => home.openCount(), { timeout: CLOSED_MS }).toBe(0);
      const other = await open(home);
      const underWay = other.write(deltas(9)).catch(() => undefined);
      await other.close();
      await underWay;
      await expect.poll(() => home.openCount(), { timeout: CLOSED_MS }).toBe(0);
    });
  });
}

async function killAndRevive(home: SinkHome): Promise<void> {
  await delay(15);
  await home.kill();
  await delay(30);
  await home.revive();
}

/** As delivery does: again until it is taken. */
async function written(sink: DeltaSink, batch: readonly Delta[]): Promise<void> {
  for (;;) {
    try {
      return await sink.write(batch);
    } catch (error) {
      if (!(error instanceof SinkError)) throw error;
      await delay(RETRY_MS);
    }
  }
}
