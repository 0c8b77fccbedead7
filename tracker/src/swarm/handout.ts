// Who: the peers that one announce is answered with.
import { isActive } from "./activity.ts";
import type { Group } from "./group.ts";
import { obstacle, verdict } from "./pair.ts";
import { ORIGIN } from "./peer-table.ts";
import { relieve } from "./relief.ts";
import type { Round } from "./round.ts";
import { choose, drawOrigins, walkSet } from "./round.ts";
import type { Swarm } from "./swarm.ts";

/**
 * Hands a peer those it may meet now: of its rack; where it is active for its rack, of the next wider circle; and so on, to the
 * origins. Half of the room is kept for its own rack and half for outside, and each may fill what the other leaves.
 */
export function drawHandout(round: Round): readonly number[] {
  const { swarm, slot, want, chosen } = round;
  if (want === 0) return chosen;
  const circles = openCircles(swarm, slot, round.now);
  const walks = circles.map((circle) => walkCircle(round, circle));
  const [rack, ...outside] = walks;
  const half = Math.ceil(want / 2);
  if (circles.at(-1)?.parent === undefined) drawOrigins(round, outside.length > 0 ? half : want);
  for (const walk of outside) take(round, walk, half);
  if (rack !== undefined) take(round, rack, want);
  for (const walk of outside) take(round, walk, want);
  relieve(round);
  return chosen;
}

/** The circles a peer takes part in now, its rack first. An origin takes part in its rack's and in the widest one. */
export function openCircles(swarm: Swarm, slot: number, now: number): Group[] {
  const { table } = swarm;
  const chain = table.racks[slot]?.chain ?? [];
  if (table.has(slot, ORIGIN)) return chain.filter((group) => group.level === 0 || group.parent === undefined);
  const open: Group[] = [];
  for (const group of chain) {
    open.push(group);
    if (group.parent === undefined || !isActive(swarm, slot, group, now)) break;
  }
  return open;
}

/** Sources first: for a leecher the complete peers of the circle, then the others; for a seeder only the others. */
function* walkCircle(round: Round, circle: Group): Generator<number> {
  const { swarm, slot, now } = round;
  const sets = swarm.table.isComplete(slot) ? [circle.incomplete] : [circle.complete, circle.incomplete];
  for (const set of sets) {
    for (const other of walkSet(set, round.random)) {
      if (obstacle(swarm, circle, slot, other, now) !== undefined) continue;
      if (verdict(swarm, circle, slot, other, now) === "meet") yield other;
    }
  }
}

function take(round: Round, walk: Generator<number>, most: number): void {
  while (round.chosen.length < most) {
    const { value, done } = walk.next();
    if (done === true) return;
    choose(round, value);
  }
}
