// What the accounting of a tracker is started with; goes from one thread to another.
import type { RedisSettings } from "../redis/redis-settings.ts";
import type { SinkSettings } from "./sinks/sink-settings.ts";

/** One process at a time may have the file; a Redis is shared. */
export type LedgerPlace =
  { readonly kind: "sqlite"; readonly file: string } | { readonly kind: "redis"; readonly redis: RedisSettings };

/** Structured-cloneable. */
export interface AccountingSettings {
  readonly ledger: LedgerPlace;
  /** The fastest link of a host (`LINK_MBITS`). */
  readonly linkMbits: number;
  /** Most deltas that wait for the sink (`ACCOUNTING_MAX_PENDING`). */
  readonly maxPending: number;
  /** Undefined: deltas are handed to nobody, and not kept. */
  readonly sink: SinkSettings | undefined;
  /** How long totals are kept that do not change (`ACCOUNTING_TOTALS_DAYS`). */
  readonly totalsDays: number;
}
