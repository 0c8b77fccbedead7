// Accounting, as the rest of the tracker knows it.
import { startAccountingThread } from "./accounting-thread.ts";
import type { AccountingSettings } from "./accounting-settings.ts";
import type { BookkeepingLog, BookkeepingStatus } from "./bookkeeping.ts";
import type { Ledger, Recorded } from "./ledger.ts";
import { createRecorder, type Recorder, type RecorderCounts } from "./recorder.ts";

export interface Accounting {
  readonly note: Recorder["note"];
  /** Announces should come less often: the ledger does not keep up, or too many deltas wait for the sink. */
  isBehind(): boolean;
  readonly totals: Ledger["totals"];
  status(): AccountingStatus;
  /** Records what was noted. */
  close(): Promise<void>;
}

export interface AccountingStatus {
  /** Reports between the announces and the ledger. */
  readonly reports: RecorderCounts;
  /** What became of them a second ago at most; the ledger may be away since. */
  readonly books: BookkeepingStatus;
}

export interface AccountingParts {
  readonly log: BookkeepingLog;
  readonly onRecorded: (recorded: Recorded) => void;
}

const ASK_EVERY_MS = 1000;

/** Rejects with `LedgerError` and `SinkError`. */
export async function startAccounting(
  settings: AccountingSettings,
  { log, onRecorded }: AccountingParts,
): Promise<Accounting> {
  const thread = await startAccountingThread(settings, { log });
  let books = await thread.status();
  const recorder = createRecorder({
    record: thread.record,
    onRecorded(recorded) {
      books = { ...books, pendingCount: recorded.pendingCount };
      onRecorded(recorded);
    },
    log,
  });
  const asking = setInterval(() => {
    thread.status().then(
      (status) => (books = status),
      // Whoever records tells what is wrong.
      () => {},
    );
  }, ASK_EVERY_MS).unref();

  return {
    note: recorder.note,
    isBehind: () => isFull(books, settings) || recorder.isFull(),
    totals: thread.totals,
    status: () => ({ reports: recorder.counts(), books }),
    async close() {
      clearInterval(asking);
      await recorder.close();
      await thread.close();
    },
  };
}

/** Without a sink nothing that waits is in anybody's way. */
function isFull({ pendingCount }: BookkeepingStatus, { sink, maxPending }: AccountingSettings): boolean {
  return sink !== undefined && pendingCount >= maxPending;
}
