// The Redis ledger's keys. All of them share a hash tag: one script changes them at once, on a Cluster too.
import type { InfoHash } from "../../swarm/identifiers.ts";

export const LEDGER_KEYS = {
  /** Hash: `source`, and `sequence`, the number of the youngest delta. */
  ledger: "{accounting}:ledger",
  /** List of the deltas that wait, oldest first. */
  pending: "{accounting}:pending",
  /** Set: HASH of every transfer that has baselines or totals. */
  transfers: "{accounting}:transfers",
} as const;

/** Hash of peer id → baseline. */
export function baselinesKey(infoHash: InfoHash): string {
  return `{accounting}:baselines:${hashOf(infoHash)}`;
}

/** Hash of rack and user → what was moved. */
export function totalsKey(infoHash: InfoHash): string {
  return `{accounting}:totals:${hashOf(infoHash)}`;
}

/** String: which commit of a tracker was its last. */
export function commitKey(trackerName: string): string {
  return `{accounting}:commit:${trackerName}`;
}

/** The info-hash as keys and values in Redis spell it. */
export function hashOf(infoHash: InfoHash): string {
  return infoHash.toUpperCase();
}
