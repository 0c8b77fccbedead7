// Accounting behind the announce path, put together: the ledger, who clears it up, and who hands its deltas on.
import type { AccountingSettings } from "./accounting-settings.ts";
import { type DeliveryStatus, startDelivery } from "./delivery.ts";
import type { DeltaSink } from "./delta-sink.ts";
import type { Ledger } from "./ledger.ts";
import { openLedger } from "./open-ledger.ts";
import { openSink } from "./sinks/open-sink.ts";
import { startSweeping } from "./sweeping.ts";

export interface BookkeepingParts {
  readonly log: BookkeepingLog;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** 0 inclusive to 1 exclusive. */
  readonly random: () => number;
}

export interface BookkeepingLog {
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
}

export interface Bookkeeping extends Pick<Ledger, "record" | "totals" | "close"> {
  status(): Promise<BookkeepingStatus>;
}

export interface BookkeepingStatus {
  /** Deltas that wait for the sink. */
  readonly pendingCount: number;
  /** Undefined without a sink. */
  readonly delivery: DeliveryStatus | undefined;
}

/** Rejects with `LedgerError` and `SinkError`; nothing is left open then. */
export async function openBookkeeping(settings: AccountingSettings, parts: BookkeepingParts): Promise<Bookkeeping> {
  const opened = await openLedger(settings, parts);
  const { ledger } = opened;
  const sink = await openSinkOf(settings, parts).catch(async (error: unknown) => {
    await ledger.close();
    throw error;
  });
  const sweeping = startSweeping({ ledger, totalsDays: settings.totalsDays, ...parts });
  const delivery = sink && startDelivery({ ...opened, sink, ...parts });

  return {
    async record(reports) {
      const recorded = await ledger.record(reports);
      if (recorded.pendingCount > 0) delivery?.wake(recorded.pendingCount);
      return recorded;
    },
    totals: ledger.totals,
    async status() {
      return { pendingCount: await ledger.pendingCount(), delivery: delivery?.status() };
    },
    async close() {
      sweeping.close();
      await delivery?.close();
      await sink?.close();
      await ledger.close();
    },
  };
}

async function openSinkOf({ sink }: AccountingSettings, parts: BookkeepingParts): Promise<DeltaSink | undefined> {
  return sink && openSink(sink, parts);
}
