// Who: the peers that one announce is answered with.
import { isActive } from "./activity.ts";
import { CircleWalk, passOverLull } from "./circle-walk.ts";
import type { Group } from "./group.ts";
import { ORIGIN } from "./peer-table.ts";
import { relieve } from "./relief.ts";
import type { Round } from "./round.ts";
import { drawOrigins } from "./round.ts";
import type { Swarm } from "./swarm.ts";
import { isUnbound, takeUnbound } from "./unbound.ts";

/** Used again for every announce: the walk through the rack, and those through the wider circles. */
const rackWalk = new CircleWalk();
const outsideWalks: CircleWalk[] = [];

/**
 * Hands a peer those it may meet now: of its rack; where it is active for its rack, of the next wider circle; and so on, to the
 * origins. Half of the room is kept for its own rack and half for outside, and each may fill what the other leaves.
 */
export function drawHandout(round: Round): void {
  const { swarm, slot, want } = round;
  const { table } = swarm;
  if (want === 0) return;
  // Most are members whom nothing binds, or for whom there is nobody now: they are answered without a look at their group.
  const isMember = !table.has(slot, ORIGIN) && table.representsOf(slot) === 0;
  if (isMember && isUnbound(round)) takeUnbound(round, want);
  else if (!isMember || !passOverLull(round)) drawCircles(round);
  relieve(round);
}

function drawCircles(round: Round): void {
  const { swarm, slot, want, now } = round;
  const rack = swarm.table.rackOf(slot);
  if (rack === undefined) return;
  rackWalk.begin(round, rack);
  if (isOpen(swarm, slot, rack, now)) drawBeyond(round);
  else rackWalk.take(round, want);
}

/** For a peer that takes part in wider circles, too. */
function drawBeyond(round: Round): void {
  const { swarm, slot, want, now } = round;
  const [, ...outside] = openCircles(swarm, slot, now);
  for (const [at, circle] of outside.entries()) (outsideWalks[at] ??= new CircleWalk()).begin(round, circle);
  const half = Math.ceil(want / 2);
  if (outside.at(-1)?.parent === undefined) drawOrigins(round, half);
  for (const at of outside.keys()) outsideWalks[at]?.take(round, half);
  rackWalk.take(round, want);
  for (const at of outside.keys()) outsideWalks[at]?.take(round, want);
}

/** The circles a peer takes part in now, its rack first. An origin takes part in its rack's and in the widest one. */
export function openCircles(swarm: Swarm, slot: number, now: number): Group[] {
  const { table } = swarm;
  const chain = table.rackOf(slot)?.chain ?? [];
  if (table.has(slot, ORIGIN)) return chain.filter((group) => group.level === 0 || group.parent === undefined);
  const open: Group[] = [];
  for (const group of chain) {
    open.push(group);
    if (!isOpen(swarm, slot, group, now)) break;
  }
  return open;
}

/** Whether a member of the group's circle takes part in the next wider one. */
function isOpen(swarm: Swarm, slot: number, group: Group, now: number): boolean {
  return group.parent !== undefined && isActive(swarm, slot, group, now);
}
