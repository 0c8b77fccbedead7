// Where baselines, totals and deltas that no sink has yet are kept: the interface that the SQLite and the Redis ledger implement.
import type { InfoHash } from "../swarm/identifiers.ts";
import type { Delta } from "./delta.ts";
import type { TrafficReport } from "./traffic-report.ts";

/** Most reports of one call to `record`, and most deltas of one batch. */
export const BATCH_DELTAS = 1024;

/**
 * Counts reports (counting.ts): what a report moves, what is added to the totals and which deltas wait for a sink changes all at once or not
 * at all, so that a tracker may die at any moment and count on. One process at a time may have a SQLite ledger; trackers share a Redis one.
 *
 * So many deltas wait at most, but for the last ones of clients that stop: beyond, what is moved is held with the baselines and becomes a delta
 * when there is room again.
 * Rejects with `LedgerError` when the store cannot be written or read; the call may then be repeated. Nobody knows then whether reports were
 * counted: they are counted once if the next call of `record` has them again, alone or with others.
 */
export interface Ledger {
  /** In order. Once its promise resolves the reports outlive the process. Resolves to what was added. */
  record(reports: readonly TrafficReport[]): Promise<Recorded>;
  /** How many deltas wait for a sink. */
  pendingCount(): Promise<number>;
  /** The deltas that wait, oldest first, at most `most`. */
  pending(most: number): Promise<readonly Delta[]>;
  /** Forgets those that wait up to this one: a sink has them. */
  release(through: Delta): Promise<void>;
  /** What was moved since the transfer was first counted, whatever became of the deltas. In order of rack and user. */
  totals(infoHash: InfoHash): Promise<readonly TrafficTotal[]>;
  /** Ends what is known of clients that were silent since `silentSince` and totals that did not change since `unchangedSince`; bounded work a call. */
  sweep(limits: SweepLimits): Promise<void>;
  close(): Promise<void>;
}

export interface Recorded {
  /** Bytes by rack; racks that nothing was added to are left out. */
  readonly racks: ReadonlyMap<string, Moved>;
  readonly restarted: number;
  readonly implausible: number;
  /** Reports older than one that was counted before. */
  readonly outOfOrder: number;
  /** How many deltas wait for a sink now. */
  readonly pendingCount: number;
}

export interface Moved {
  readonly uploaded: number;
  readonly downloaded: number;
}

export interface TrafficTotal extends Moved {
  readonly rack: string;
  readonly user: string;
  readonly secondsSeeded: number;
  /** Milliseconds since the epoch. */
  readonly changedAt: number;
}

export interface SweepLimits {
  /** Milliseconds since the epoch, all of them. */
  readonly now: number;
  readonly silentSince: number;
  readonly unchangedSince: number;
}

/** The ledger cannot be written or read now; the message names the cause and the remedy. */
export class LedgerError extends Error {
  override readonly name = "LedgerError";
}
