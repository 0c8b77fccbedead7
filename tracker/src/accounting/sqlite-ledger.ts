// The ledger of a tracker by itself, in one SQLite file. It does not let go of its thread while it works, so it has one of its own.
import type { DatabaseSync } from "node:sqlite";
import { openExclusively } from "../sqlite/exclusive-file.ts";
import { inTransaction, isBusy, NewerFileError } from "../sqlite/migration.ts";
import type { InfoHash, PeerId } from "../swarm/identifiers.ts";
import { count, type Counted, expire } from "./counting.ts";
import { type Ledger, LedgerError, type SweepLimits } from "./ledger.ts";
import { type ClientKey, createLedgerTables, LEDGER_STEPS } from "./sqlite-tables.ts";
import { recordedOf } from "./tally.ts";
import type { TrafficReport } from "./traffic-report.ts";

export interface SqliteLedgerOptions {
  readonly file: string;
  /** See `CountingRules`. */
  readonly linkMbits: number;
  /** Most deltas that wait, but for the last ones of clients that stopped. */
  readonly maxPending: number;
  /** Without a sink no delta is kept: totals are counted, and what waits already goes on waiting. */
  readonly hasSink: boolean;
}

/** Clients looked at by one call of `sweep`. */
const SWEEP_AT_A_TIME = 1000;
const START: ClientKey = { transfer: 0, peerId: new Uint8Array() };
const CACHE_KIB = 32_768;

/** Throws `LedgerError`. */
export function openSqliteLedger({ file, linkMbits, maxPending, hasSink }: SqliteLedgerOptions): Ledger {
  const database = openDatabase(file);
  const tables = createLedgerTables(database);
  const transferIds = new Map<InfoHash, number>();
  let { sequence, pendingCount } = tables.numbering;
  let swept = START;

  /** What is remembered beside the file follows it: what was not committed was not counted. */
  function change<Result>(work: () => Result): Result {
    const before = { sequence, pendingCount };
    try {
      return inTransaction(database, () => {
        const result = work();
        if (sequence !== before.sequence) tables.saveSequence(sequence);
        return result;
      });
    } catch (error) {
      ({ sequence, pendingCount } = before);
      transferIds.clear();
      throw failure(file, error);
    }
  }

  function read<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw failure(file, error);
    }
  }

  function transferId(infoHash: InfoHash): number {
    const id = transferIds.get(infoHash) ?? tables.transfer(infoHash);
    transferIds.set(infoHash, id);
    return id;
  }

  function countReport(report: TrafficReport): Counted {
    const transfer = transferId(report.infoHash);
    const peerId = Buffer.from(report.peerId, "latin1");
    const known = tables.baseline(transfer, peerId);
    const counted = count(known, report, { linkMbits, hasRoom: hasRoom() });
    if (counted.baseline === undefined) tables.forget(transfer, peerId);
    else if (counted.baseline !== known) tables.keep(transfer, peerId, counted.baseline);
    if (counted.addition !== undefined) tables.add(transfer, counted.addition, report.reportedAt);
    append(counted);
    return counted;
  }

  function hasRoom(): boolean {
    return !hasSink || pendingCount < maxPending;
  }

  function append({ delta }: Counted): void {
    if (delta === undefined || !hasSink) return;
    tables.append(++sequence, delta);
    pendingCount++;
  }

  function sweepSilent({ now, silentSince }: SweepLimits): void {
    const { clients, next } = tables.silent(swept, SWEEP_AT_A_TIME, silentSince);
    for (const { transfer, peerId, infoHash, baseline } of clients) {
      const client = { infoHash, peerId: Buffer.from(peerId).toString("latin1") as PeerId, now };
      const ended = expire(baseline, client, { hasRoom: hasRoom() });
      if (ended.baseline === undefined) tables.forget(transfer, peerId);
      append(ended);
    }
    swept = next ?? START;
  }

  return {
    async record(reports) {
      const counted = change(() => reports.map(countReport));
      return recordedOf(counted, pendingCount);
    },
    pendingCount: async () => pendingCount,
    pending: async (most) => read(() => tables.pending(most)),
    async release(through) {
      change(() => (pendingCount -= tables.release(through.sequence)));
    },
    totals: async (infoHash) => read(() => tables.totals(infoHash)),
    async sweep(limits) {
      change(() => {
        sweepSilent(limits);
        // Totals have no order of age: they are looked at when all clients were.
        if (swept === START) tables.forgetTotals(limits.unchangedSince);
      });
    },
    async close() {
      database.close();
    },
  };
}

function openDatabase(file: string): DatabaseSync {
  try {
    // What a sink was given must not be numbered and given a second time after a power cut: it is on the disk before.
    const database = openExclusively(file, LEDGER_STEPS);
    database.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
    return database;
  } catch (cause) {
    throw failure(file, cause);
  }
}

function failure(file: string, cause: unknown): LedgerError {
  if (cause instanceof NewerFileError) {
    return new LedgerError(`${file} ${cause.message}; update the tracker, or set another DATA_DIR`, { cause });
  }
  if (isBusy(cause)) {
    return new LedgerError(`${file} is open in another process; stop that tracker, or set another DATA_DIR`, { cause });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  const remedy = "free space in DATA_DIR, or move a damaged file away";
  return new LedgerError(`${file} cannot be used (${reason}); ${remedy}`, { cause });
}
