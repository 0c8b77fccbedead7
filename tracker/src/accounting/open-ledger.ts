// Opens the ledger that the settings name, with what it needs beside it.
import { openRedis } from "../redis/redis-connection.ts";
import type { RedisSettings } from "../redis/redis-settings.ts";
import { newTrackerName } from "../redis/tracker-name.ts";
import type { AccountingSettings } from "./accounting-settings.ts";
import type { BookkeepingParts } from "./bookkeeping.ts";
import { type Ledger, LedgerError } from "./ledger.ts";
import { openRedisLedger } from "./redis-ledger.ts";
import { startDeliveryLease } from "./redis/delivery-lease.ts";
import { openSqliteLedger } from "./sqlite-ledger.ts";

export interface OpenLedger {
  /** Closes all of it. */
  readonly ledger: Ledger;
  /** Among trackers that share it one delivers. */
  readonly isShared: boolean;
  readonly isLeading: () => boolean;
}

type LedgerRules = Pick<AccountingSettings, "linkMbits" | "maxPending"> & { readonly hasSink: boolean };

/** The tracker's other connection to the same Redis tells of it. */
const SILENT = { warn: () => {}, info: () => {} };

/** Rejects with `LedgerError`; nothing is left open then. */
export async function openLedger(settings: AccountingSettings, parts: BookkeepingParts): Promise<OpenLedger> {
  const { ledger, linkMbits, maxPending, sink } = settings;
  const rules = { linkMbits, maxPending, hasSink: sink !== undefined };
  if (ledger.kind === "redis") return openShared(ledger.redis, rules, parts);
  return { ledger: openSqliteLedger({ file: ledger.file, ...rules }), isShared: false, isLeading: () => true };
}

async function openShared(
  redis: RedisSettings,
  rules: LedgerRules,
  { log, random }: BookkeepingParts,
): Promise<OpenLedger> {
  const connection = openRedis(redis, { log: SILENT, random });
  await connection.connected().catch(async (cause: unknown) => {
    await connection.close();
    throw new LedgerError(cause instanceof Error ? cause.message : String(cause), { cause });
  });
  const { client } = connection;
  const trackerName = newTrackerName();
  const lease = rules.hasSink ? startDeliveryLease({ client, trackerName, log }) : undefined;
  const ledger = openRedisLedger({ connection, ...rules });

  async function close(): Promise<void> {
    await ledger.close();
    await lease?.close();
    await connection.close();
  }

  return { ledger: { ...ledger, close }, isShared: true, isLeading: () => lease?.isLeading() ?? false };
}
