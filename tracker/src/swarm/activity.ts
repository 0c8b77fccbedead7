// Which of a group's representatives pull from, or serve, outside at the moment; the others stand by.
import type { Group } from "./group.ts";
import { isGone, isSilent, isStuck } from "./life.ts";
import { ORIGIN } from "./peer-table.ts";
import type { Swarm } from "./swarm.ts";

/**
 * Whether a member of the group's circle takes part in the next wider circle. Among the complete representatives those are
 * the longest-standing `ACTIVE_REPR`; among the incomplete ones the longest-standing that are neither silent nor stuck, while the
 * group holds no complete copy. When all are stuck, each may try.
 */
export function isActive(swarm: Swarm, slot: number, group: Group, now: number): boolean {
  const { table } = swarm;
  if (table.has(slot, ORIGIN)) return true;
  // The quick answer for most: a peer that represents the group represents more levels than it has below it.
  if (table.representsOf(slot) <= group.level || !group.representatives.includes(slot)) return false;
  if (table.isComplete(slot))
    return isAmongFirst(group, slot, (other) => table.isComplete(other) && !gone(swarm, other, now));
  if (group.complete.size > 0) return false;
  const fit = (other: number) => isFit(swarm, other, now);
  return fit(slot) ? isAmongFirst(group, slot, fit) : !group.representatives.some(fit);
}

/** Incomplete, heard of lately and getting on. */
export function isFit(swarm: Swarm, slot: number, now: number): boolean {
  const { table, policy } = swarm;
  return !table.isComplete(slot) && !isSilent(table, slot, policy, now) && !isStuck(table, slot, policy, now);
}

function gone(swarm: Swarm, slot: number, now: number): boolean {
  return isGone(swarm, slot, now);
}

function isAmongFirst(group: Group, slot: number, counts: (other: number) => boolean): boolean {
  let before = 0;
  for (const other of group.representatives) {
    if (other === slot) return before < (group.policy?.activeRepresentatives ?? Number.POSITIVE_INFINITY);
    if (counts(other)) before++;
  }
  return false;
}
