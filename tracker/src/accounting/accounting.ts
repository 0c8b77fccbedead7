// Accounting, as the rest of the tracker knows it.
import { startAccountingThread } from "./accounting-thread.ts";
import type { AccountingSettings } from "./accounting-settings.ts";
import type { BookkeepingLog } from "./bookkeeping.ts";
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
  /** Deltas between the ledger and the sink. */
  readonly pendingCount: number;
}

export interface AccountingParts {
  readonly log: BookkeepingLog;
  readonly onRecorded: (recorded: Recorded) => void;
}

/** Rejects with `LedgerError`. */
export async function startAccounting(
  settings: AccountingSettings,
  { log, onRecorded }: AccountingParts,
): Promise<Accounting> {
  const thread = await startAccountingThread(settings, { log });
  let pendingCount = 0;
  const recorder = createRecorder({
    record: thread.record,
    onRecorded(recorded) {
      ({ pendingCount } = recorded);
      onRecorded(recorded);
    },
    log,
  });

  return {
    note: recorder.note,
    isBehind: () => pendingCount >= settings.maxPending || recorder.isFull(),
    totals: thread.totals,
    status: () => ({ reports: recorder.counts(), pendingCount }),
    async close() {
      await recorder.close();
      await thread.close();
    },
  };
}
