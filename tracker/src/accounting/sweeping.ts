// Ends, every now and then, what a ledger knows of clients that fell silent, and totals that nobody adds to.
import type { Ledger } from "./ledger.ts";

export interface SweepingOptions {
  readonly ledger: Pick<Ledger, "sweep">;
  /** How long totals are kept that do not change. */
  readonly totalsDays: number;
  readonly log: { error(details: object, message: string): void };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const EVERY_MS = 10_000;
const DAY_MS = 86_400_000;
/**
 * Far longer than a peer lives in its swarm: what a client moved while no tracker could be reached is in its next announce, and
 * counts only if its baseline is still there.
 */
const SILENT_MS = DAY_MS;

export function startSweeping({ ledger, totalsDays, log, now }: SweepingOptions): { close(): void } {
  async function sweep(): Promise<void> {
    const at = now();
    try {
      await ledger.sweep({ now: at, silentSince: at - SILENT_MS, unchangedSince: at - totalsDays * DAY_MS });
    } catch (err) {
      log.error({ err }, "the ledger of accounting could not be cleared up; it is tried again");
    }
  }

  const timer = setInterval(() => void sweep(), EVERY_MS).unref();
  return { close: () => clearInterval(timer) };
}
