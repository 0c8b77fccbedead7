// The part of a ledger that delivery has to do with, kept in memory.
import type { Delta } from "../../tracker/src/accounting/delta.ts";
import { type Ledger, LedgerError } from "../../tracker/src/accounting/ledger.ts";
import { deltas } from "./deltas.ts";

export interface MemoryLedger extends Pick<Ledger, "pending" | "release"> {
  /** So many deltas more; returns how many wait. */
  add(count: number): number;
  readonly waiting: readonly Delta[];
  /** How often it was asked what waits. */
  readonly lookCount: number;
  /** Rejects while it returns true. */
  failIf(fails: () => boolean): void;
}

export function createMemoryLedger(): MemoryLedger {
  let waiting: readonly Delta[] = [];
  let added = 0;
  let lookCount = 0;
  let fails = () => false;

  async function answer<Value>(value: () => Value): Promise<Value> {
    await Promise.resolve();
    if (fails()) throw new LedgerError("the ledger is away (test); wait");
    return value();
  }

  return {
    add(count) {
      waiting = [...waiting, ...deltas(count, { from: added + 1 })];
      added += count;
      return waiting.length;
    },
    get waiting() {
      return waiting;
    },
    get lookCount() {
      return lookCount;
    },
    failIf: (next) => void (fails = next),
    pending(most) {
      lookCount++;
      return answer(() => waiting.slice(0, most));
    },
    release: ({ source, sequence }) =>
      answer(() => {
        waiting = waiting.filter((delta) => delta.source !== source || delta.sequence > sequence);
      }),
  };
}
