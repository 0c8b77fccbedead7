// How long a silent peer counts as alive, and when a quiet one counts as stuck.
import { clientFamily } from "./client-families.ts";
import type { PeerTable } from "./peer-table.ts";
import type { SwarmPolicy } from "./policy.ts";
import { NOTES, QUIET_UNTIL } from "./rack-notes.ts";
import { noteMate } from "./rack-noting.ts";
import type { Swarm } from "./swarm.ts";

/** Announce gaps of silence after which a peer that keeps a habit is taken for gone, and a quiet one for stuck. Half a gap is for being late. */
const MISSED_ANNOUNCES = 2.5;
const GRACE_MS = 60_000;
/** Gaps shorter than this come with events, not with a schedule. */
const SHORTEST_GAP_MS = 500;
/** A habit longer than this is the client's own interval, for which the slow lifetime is made. */
const LONGEST_HABIT_MS = 120_000;

/**
 * Learns the gap between a leecher's announces: up at once, down slowly, so that jitter does not look like
 * death. Call with the gap since the last announce.
 */
export function learnHabit(table: PeerTable, slot: number, gapMs: number): void {
  if (gapMs < SHORTEST_GAP_MS) return;
  const known = table.habitOf(slot);
  if (gapMs > LONGEST_HABIT_MS) table.setHabit(slot, 0);
  else table.setHabit(slot, gapMs > known ? gapMs : (3 * known + gapMs) / 4);
}

/** When the peer is next expected, in milliseconds after its last announce. */
function expectedGapMs(table: PeerTable, slot: number, policy: SwarmPolicy): number {
  const habit = table.habitOf(slot);
  if (habit > 0) return Math.max(habit, policy.announceEverySeconds * 1000);
  return 1000 * (table.isLate(slot) ? policy.announceEverySeconds : policy.activeIntervalSeconds);
}

/** Neither progressed nor was given a fresh source for as long as the announces take that may be missed (times `patience`). */
export function isStuck(table: PeerTable, slot: number, policy: SwarmPolicy, now: number, patience = 1): boolean {
  return now - table.hopefulAtOf(slot) > patience * MISSED_ANNOUNCES * expectedGapMs(table, slot, policy);
}

/** Up to when the peer is not stuck; a moment less, for what is lost in rounding. */
export function stuckAt(table: PeerTable, slot: number, policy: SwarmPolicy): number {
  return table.hopefulAtOf(slot) + MISSED_ANNOUNCES * expectedGapMs(table, slot, policy) - 1;
}

/** Has missed the announces that it was expected to make. */
export function isSilent(table: PeerTable, slot: number, policy: SwarmPolicy, now: number): boolean {
  return now - table.seenAtOf(slot) > MISSED_ANNOUNCES * expectedGapMs(table, slot, policy);
}

/** Whether the peer outlived its lifetime. */
export function isGone({ table, policy }: Swarm, slot: number, now: number): boolean {
  return now > goneAt(table, slot, policy);
}

/**
 * When the peer is taken for gone unless it is heard of before. A leecher that announced on a schedule is gone when it
 * missed the announces. Everybody else, seeders above all, comes back when the client sees fit, and gets twice the longest of what
 * it was told and what it is known to clamp to, and a minute.
 */
export function goneAt(table: PeerTable, slot: number, policy: SwarmPolicy): number {
  return table.seenAtOf(slot) + lifetimeMs(table, slot, policy);
}

/** Notes where handouts look when the peer is gone, and stuck; call when anything changed that this follows from. */
export function noteLife(table: PeerTable, slot: number, policy: SwarmPolicy): void {
  const at = goneAt(table, slot, policy);
  table.setSafeUntil(slot, Math.floor(at / 1000));
  const { notes } = table.rooms;
  const quiet = table.roomOf(slot) * NOTES + QUIET_UNTIL;
  if (table.representsOf(slot) > 0 && at < (notes[quiet] ?? 0)) notes[quiet] = at;
  noteMate(table, slot, stuckAt(table, slot, policy));
}

function lifetimeMs(table: PeerTable, slot: number, policy: SwarmPolicy): number {
  const keepsSchedule = !table.isComplete(slot) && table.habitOf(slot) > 0;
  return keepsSchedule ? MISSED_ANNOUNCES * expectedGapMs(table, slot, policy) : slowLifetimeMs(table, slot, policy);
}

function slowLifetimeMs(table: PeerTable, slot: number, policy: SwarmPolicy): number {
  const { shortestIntervalSeconds } = clientFamily(table.families[slot] ?? 0);
  return 2000 * Math.max(policy.activeIntervalSeconds, shortestIntervalSeconds) + GRACE_MS;
}
