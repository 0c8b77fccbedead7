// Racks of late clients in which nobody can meet anybody for a while: known, at almost every announce, without a look at their peers.
import type { Group } from "../group.ts";
import { BUSY_UNTIL, LEAST_LEFT, LEVEL_UNTIL, LOOK_AT, MEETING_MS, MOST_LEFT, NOTES } from "../rack-notes.ts";
import { noteLeft } from "../rack-noting.ts";
import { expectedLeft } from "../progress.ts";
import type { Swarm } from "../swarm.ts";
import { introductionOfLate } from "./choice.ts";
import { SHARED_MOST } from "./fan.ts";
import { plain } from "./plain.ts";
import { busyUntil } from "./sharing.ts";

/** How long a look at the incomplete peers holds, and after how long another one is worth its while. */
const LEVEL_FOR_MS = 2000;
const LOOK_EVERY_MS = 250;

/** Whether a late client meets nobody of its rack now. Says what `mayMeet` would say of each of its mates. */
export function isLull(swarm: Swarm, announcer: number, now: number): boolean {
  if (introductionOfLate(swarm.policy) === plain) return false;
  if (holds(swarm, announcer, now)) return true;
  const { notes } = swarm.table.rooms;
  const lookAt = swarm.table.roomOf(announcer) * NOTES + LOOK_AT;
  const rack = swarm.table.rackOf(announcer);
  if (rack === undefined || now < (notes[lookAt] ?? 0)) return false;
  notes[lookAt] = now + LOOK_EVERY_MS;
  lookAtComplete(swarm, rack, now);
  lookAtIncomplete(swarm, rack, now);
  return holds(swarm, announcer, now);
}

function holds({ table }: Swarm, announcer: number, now: number): boolean {
  const { notes, complete } = table.rooms;
  const room = table.roomOf(announcer);
  const from = room * NOTES;
  if (now > (notes[from + BUSY_UNTIL] ?? 0) && (complete[room] ?? 0) > 0) return false;
  if (table.isComplete(announcer)) return true;
  if (now > (notes[from + LEVEL_UNTIL] ?? 0)) return false;
  const asTaker = (notes[from + LEAST_LEFT] ?? 0) / expectedLeft(table, announcer, now);
  const asSource = expectedLeft(table, announcer, now + MEETING_MS) / (notes[from + MOST_LEFT] ?? 0);
  return Math.min(asTaker, asSource) > SHARED_MOST;
}

function lookAtComplete(swarm: Swarm, circle: Group, now: number): void {
  const { table } = swarm;
  let until = Number.POSITIVE_INFINITY;
  for (let position = 0; position < circle.complete.size && until > 0; position++) {
    const mate = circle.complete.at(position);
    until = table.isLate(mate) ? Math.min(until, busyUntil({ swarm, circle, now }, mate)) : 0;
  }
  table.rooms.notes[circle.room * NOTES + BUSY_UNTIL] = until;
}

function lookAtIncomplete({ table }: Swarm, { room, incomplete }: Group, now: number): void {
  const { notes } = table.rooms;
  const from = room * NOTES;
  notes[from + LEVEL_UNTIL] = now + LEVEL_FOR_MS;
  notes[from + LEAST_LEFT] = Number.POSITIVE_INFINITY;
  notes[from + MOST_LEFT] = 0;
  for (let position = 0; position < incomplete.size; position++) {
    const mate = incomplete.at(position);
    noteLeft(table, mate, from);
    if (table.isLate(mate)) continue;
    notes[from + LEVEL_UNTIL] = 0;
    return;
  }
}
