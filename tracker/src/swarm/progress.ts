// How far a peer is between its announces.
import type { PeerTable } from "./peer-table.ts";

/** What the peer will lack at a time, at the rate it has had; 0 only for a complete peer. Bytes. */
export function expectedLeft(table: PeerTable, slot: number, at: number): number {
  const left = table.leftOf(slot);
  const got = (table.rateOf(slot) * (at - table.seenAtOf(slot))) / 1000;
  return left === 0 ? 0 : Math.max(1, left - got);
}

/** A smoothed rate in bytes a second, from the one before and the latest. */
export function smoothedRate(before: number, latest: number): number {
  return before === 0 ? latest : (before + latest) / 2;
}
