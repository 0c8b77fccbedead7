// Accounting behind the announce path, put together: the ledger, and who clears it up.
import type { AccountingSettings } from "./accounting-settings.ts";
import { type Ledger, LedgerError } from "./ledger.ts";
import { openSqliteLedger } from "./sqlite-ledger.ts";
import { startSweeping } from "./sweeping.ts";

export interface BookkeepingParts {
  readonly log: BookkeepingLog;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface BookkeepingLog {
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
}

export type Bookkeeping = Pick<Ledger, "record" | "totals" | "close">;

/** Rejects with `LedgerError`; nothing is left open then. */
export async function openBookkeeping(settings: AccountingSettings, parts: BookkeepingParts): Promise<Bookkeeping> {
  const ledger = await openLedger(settings);
  const sweeping = startSweeping({ ledger, totalsDays: settings.totalsDays, ...parts });

  return {
    record: ledger.record,
    totals: ledger.totals,
    async close() {
      sweeping.close();
      await ledger.close();
    },
  };
}

async function openLedger({ ledger, ...limits }: AccountingSettings): Promise<Ledger> {
  if (ledger.kind === "redis")
    throw new LedgerError("ACCOUNTING is on, which STORE=redis does not know yet; switch it off");
  return openSqliteLedger({ file: ledger.file, hasSink: false, ...limits });
}
