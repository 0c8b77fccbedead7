// What delivery must hold over every Ledger: whatever fails and whoever leads, the sink gets all deltas, in order.
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Delta } from "../../tracker/src/accounting/delta.ts";
import { type DeltaSink, SinkError } from "../../tracker/src/accounting/delta-sink.ts";
import { type Delivery, startDelivery } from "../../tracker/src/accounting/delivery.ts";
import type { Ledger } from "../../tracker/src/accounting/ledger.ts";

export interface LedgerHome {
  readonly ledger: Pick<Ledger, "pending" | "release">;
  /** So many deltas more, numbered from 1 on. */
  add(count: number): unknown;
  remove(): unknown;
}

const STEP = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), count: fc.integer({ min: 1, max: 1_500 }) }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 5_000 }) }),
  // Of a batch that fails the sink keeps this share, or all of it without a word.
  fc.record({ kind: fc.constant("fail" as const), kept: fc.constantFrom(0, 0.3, 1) }),
  fc.record({ kind: fc.constant("restart" as const) }),
  fc.record({ kind: fc.constant("lead" as const), leader: fc.integer({ min: 0, max: 1 }) }),
);
type Step = typeof STEP extends fc.Arbitrary<infer Value> ? Value : never;

const QUIET = { error: () => {}, warn: () => {}, info: () => {} };
const MOST_MINUTES = 60;

export function deliverySuite(name: string, createHome: () => LedgerHome | Promise<LedgerHome>): void {
  describe(`delivery from ${name}`, () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
    afterEach(() => void vi.useRealTimers());

    it("loses nothing and keeps the order when sink and trackers fail at random", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(STEP, { minLength: 1, maxLength: 25 }), async (steps) => {
          const home = await createHome();
          try {
            await expectAllInOrder(home, steps);
          } finally {
            await home.remove();
          }
        }),
        { numRuns: 40 },
      );
    });
  });
}

async function expectAllInOrder({ ledger, add }: LedgerHome, steps: readonly Step[]): Promise<void> {
  const { sink, taken, failures, hasWhatComesAgain } = createForgetfulSink();
  let leader = 0;
  let added = 0;
  const starting = (index: number) =>
    startDelivery({
      ledger,
      sink,
      isLeading: () => leader === index,
      isShared: true,
      log: QUIET,
      now: Date.now,
      random: Math.random,
    });
  const trackers = [starting(0), starting(1)] as [Delivery, Delivery];

  for (const step of steps) {
    if (step.kind === "wait") await passed(step.ms);
    if (step.kind === "fail") failures.push(step.kept);
    if (step.kind === "lead") leader = step.leader;
    if (step.kind === "add") {
      await add(step.count);
      added += step.count;
      trackers[leader]!.wake();
    }
    if (step.kind === "restart") {
      await trackers[leader]!.close();
      trackers[leader] = starting(leader);
    }
  }
  for (let minute = 0; minute < MOST_MINUTES && (await ledger.pending(1)).length > 0; minute++) await passed(60_000);
  await Promise.all(trackers.map((tracker) => tracker.close()));
  expect(taken.map(({ sequence }) => sequence)).toEqual(Array.from({ length: added }, (_, index) => index + 1));
  expect(hasWhatComesAgain()).toBe(true);
  expect(await ledger.pending(1)).toEqual([]);
}

/** Of each batch it takes what it does not have; `failures` are the shares that it keeps of the batches that it rejects. */
function createForgetfulSink() {
  const taken: Delta[] = [];
  const failures: number[] = [];
  let isSound = true;
  const take = (deltas: readonly Delta[]) => {
    for (const delta of deltas) {
      const known = taken[delta.sequence - 1];
      if (known === undefined) taken.push(delta);
      else isSound &&= known.id === delta.id && known.reportedAt === delta.reportedAt;
    }
  };
  const sink: DeltaSink = {
    async write(batch) {
      const kept = failures.shift();
      await Promise.resolve();
      if (kept === undefined) return take(batch);
      take(batch.slice(0, batch.length * kept));
      throw new SinkError("failed by chance; try again");
    },
    close: async () => {},
  };
  return { sink, taken, failures, hasWhatComesAgain: () => isSound };
}

/** What answers without a timer, from a thread or a socket, gets its turn in between. */
async function passed(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1_000) {
    await vi.advanceTimersByTimeAsync(Math.min(left, 1_000));
    await turn();
  }
}
