// Nobody is left behind: what a leecher gets that neither progresses nor was handed anything.
import type { Group } from "./group.ts";
import { isFit } from "./activity.ts";
import { isGone, isSilent, isStuck } from "./life.ts";
import { isSpent, spendsPair } from "./pair.ts";
import { FED, STALLED } from "./peer-table.ts";
import type { Round } from "./round.ts";
import { choose, drawOrigins, isReachable } from "./round.ts";
import { NO_SLOT } from "./slot-index.ts";
import type { Members } from "./slot-set.ts";
import { SlotWalk } from "./slot-walk.ts";
import type { Swarm } from "./swarm.ts";
import { exchangePlaces, leaderOfHost } from "./standing.ts";

/** A member claims a representative's slot only after the standing ones had as long again to try. */
const PATIENCE_FOR_A_SLOT = 2;
const SOURCES_AT_A_TIME = 2;
/** Used again for every announce. */
const walk = new SlotWalk();

/**
 * Circle by circle outwards: who never had a source waits while a fresh mate gets on; then an unspent complete mate; nothing while
 * a fresh mate gets on, which the introduction rule gives in its time (a partial one given early would run dry and be
 * spent); in the end the slot of a representative that cannot use it, and with it a way out.
 */
export function relieve(round: Round): void {
  const { swarm, slot, now } = round;
  const { table, policy } = swarm;
  if (table.isComplete(slot) || !(isStuck(table, slot, policy, now) || isDry(swarm, slot, now))) return;
  for (const circle of table.rackOf(slot)?.chain ?? []) {
    const waits = !table.has(slot, FED) && isHelpComing(round, circle);
    if (waits || giveFreshSource(round, circle) || isHelpComing(round, circle)) return;
    if (circle.parent !== undefined && !mayLeave(round, circle)) return;
  }
}

/** Ran out of what it was told of: stands still although it was told of a mate that is complete by now. */
function isDry({ table, told }: Swarm, slot: number, now: number): boolean {
  if (!table.has(slot, STALLED)) return false;
  const tellings = told.of(slot);
  for (let index = 0; index < (tellings?.serials.length ?? 0); index++) {
    const other = tellings === undefined ? NO_SLOT : told.partner(tellings, index, now);
    if (other !== NO_SLOT && table.isComplete(other) && table.rackOf(other) === table.rackOf(slot)) return true;
  }
  return false;
}

/** Gets on, as far as its last announce tells. */
function progresses(swarm: Swarm, slot: number, now: number): boolean {
  return isFit(swarm, slot, now) && !swarm.table.has(slot, STALLED);
}

function giveFreshSource(round: Round, circle: Group): boolean {
  const before = round.handout.size;
  if (circle.parent === undefined) drawOrigins(round, round.want, true);
  giveComplete(round, circle);
  return round.handout.size > before;
}

function giveComplete(round: Round, circle: Group): void {
  const { swarm, now, handout } = round;
  const most = Math.min(round.want, handout.size + SOURCES_AT_A_TIME);
  walk.begin(circle.complete);
  while (handout.size < most) {
    const other = walk.next(round.random);
    if (other === NO_SLOT) return;
    const isFit = isFresh(round, circle, other) && !isGone(swarm, other, now);
    if (isFit && isReachable(round, other)) choose(round, other);
  }
}

/** A fresh mate that has a source and is getting on: it will be complete, or ahead, by and by. */
function isHelpComing(round: Round, circle: Group): boolean {
  return helpsAny(round, circle, circle.incomplete) || helpsAny(round, circle, circle.standingBy);
}

function helpsAny(round: Round, circle: Group, mates: Members): boolean {
  const { swarm, slot, now } = round;
  walk.begin(mates);
  for (let other = walk.next(round.random); other !== NO_SLOT; other = walk.next(round.random)) {
    const helps = other !== slot && swarm.table.has(other, FED) && progresses(swarm, other, now);
    if (helps && isFresh(round, circle, other)) return true;
  }
  return false;
}

/**
 * Not handed to this peer before, and of another child group. Where pairs are not spent, a stuck peer was handed its rack
 * already, to no avail.
 */
function isFresh({ swarm, slot, now, handout }: Round, circle: Group, other: number): boolean {
  if (handout.includes(other)) return false;
  const { table } = swarm;
  const { level } = circle;
  if (level === 0) return spendsPair(swarm, slot, other) && !isSpent(swarm, slot, other, now);
  return (
    table.rackOf(slot)?.chain[level - 1] !== table.rackOf(other)?.chain[level - 1] && !isSpent(swarm, slot, other, now)
  );
}

/** Whether the peer represents the group, or could take over the place of a representative that has no use for it. */
function mayLeave({ swarm, slot, now }: Round, group: Group): boolean {
  const { table, policy } = swarm;
  if (group.representatives.includes(slot)) return true;
  const isAnythingOutside = swarm.seeders > group.complete.size;
  if (!isAnythingOutside || !isStuck(table, slot, policy, now, PATIENCE_FOR_A_SLOT)) return false;
  if (leaderOfHost(table, slot) !== slot) return false;
  const idle = mostIdle(swarm, group, now);
  if (idle === NO_SLOT) return false;
  exchangePlaces(table, slot, idle);
  swarm.changes++;
  return group.representatives.includes(slot);
}

/** The representative that gains least from its slot: a silent one, then a stuck one, then a complete one. */
function mostIdle(swarm: Swarm, group: Group, now: number): number {
  const { table, policy } = swarm;
  const idleness = (slot: number) => {
    if (isSilent(table, slot, policy, now) && !table.isComplete(slot)) return 3;
    if (table.isComplete(slot)) return 1;
    return isStuck(table, slot, policy, now, PATIENCE_FOR_A_SLOT) ? 2 : 0;
  };
  const [idlest] = group.representatives.toSorted((one, other) => idleness(other) - idleness(one));
  return idlest !== undefined && idleness(idlest) > 0 ? idlest : NO_SLOT;
}
