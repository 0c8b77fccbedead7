// Keeps the notes of a rack true when one of its peers says how far it is.
import type { PeerTable } from "./peer-table.ts";
import { STALLED } from "./peer-table.ts";
import { expectedLeft } from "./progress.ts";
import { BUSY_UNTIL, LEAST_LEFT, LEVEL_UNTIL, MEETING_MS, MOST_LEFT, NOTES } from "./rack-notes.ts";

/** A peer of the rack said how far it is, and is stuck from some time on unless it says more: takes back what may not hold any more. */
export function noteMate(table: PeerTable, slot: number, stuckAt: number): void {
  const { notes } = table.rooms;
  const from = table.roomOf(slot) * NOTES;
  if (!table.isLate(slot)) {
    notes[from + BUSY_UNTIL] = 0;
    notes[from + LEVEL_UNTIL] = 0;
  } else if (!table.isComplete(slot)) {
    const busyUntil = notes[from + BUSY_UNTIL] ?? 0;
    notes[from + BUSY_UNTIL] = table.has(slot, STALLED) ? 0 : Math.min(busyUntil, stuckAt);
    noteLeft(table, slot, from);
  }
}

/** Widens what the incomplete peers lack by one of them; `from` is where its room's notes begin. */
export function noteLeft(table: PeerTable, slot: number, from: number): void {
  const { notes } = table.rooms;
  const least = expectedLeft(table, slot, (notes[from + LEVEL_UNTIL] ?? 0) + MEETING_MS);
  notes[from + LEAST_LEFT] = Math.min(notes[from + LEAST_LEFT] ?? 0, least);
  notes[from + MOST_LEFT] = Math.max(notes[from + MOST_LEFT] ?? 0, table.leftOf(slot));
}
