// How sources are shared out: the part that `late` and `fan` have in common.
import { isStuck } from "../life.ts";
import { STALLED } from "../peer-table.ts";
import { expectedLeft } from "../progress.ts";
import type { Swarm } from "../swarm.ts";
import type { Scene, Verdict } from "./introduction.ts";

/** A complete peer serves this many takers of its rack at a time, so that each gets a good share of its link. */
const RACK_TAKERS = 4;
/** And this many of other groups: an uplink carries one copy out in the time that it carries one in. */
const OUTSIDE_TAKERS = 1;

export function mayTakeFromComplete(scene: Scene, source: number, taker: number): Verdict {
  const outside = scene.circle.level > 0;
  if (outside && hasSource(scene, taker)) return "served";
  return countTakers(scene, source) < (outside ? OUTSIDE_TAKERS : RACK_TAKERS) ? "meet" : "source-busy";
}

/** Whether the taker gets on, and was told of somebody in the circle that is ahead of it. */
export function hasSource(scene: Scene, taker: number): boolean {
  return findSource(scene, taker, (source) => meetsIn(scene, source, taker));
}

/** The same where the one ahead is not complete yet. */
export function hasPartialSource(scene: Scene, taker: number): boolean {
  return findSource(scene, taker, (source) => !scene.swarm.table.isComplete(source) && meetsIn(scene, source, taker));
}

/** Whether what the peer gets comes from one that is not complete itself, of whichever circle. */
export function isPassedOn(scene: Scene, taker: number): boolean {
  return findSource(scene, taker, (source) => !scene.swarm.table.isComplete(source));
}

/** Stood still between its last announces, or for long. */
function isIdle({ table, policy }: Swarm, slot: number, now: number): boolean {
  return table.has(slot, STALLED) || isStuck(table, slot, policy, now);
}

function findSource(scene: Scene, taker: number, counts: (source: number) => boolean): boolean {
  const { swarm, now } = scene;
  const { table, told } = swarm;
  if (isIdle(swarm, taker, now)) return false;
  for (const partner of told.partners(table.serial[taker] ?? 0, now)) {
    const ahead = expectedLeft(table, partner, now) < expectedLeft(table, taker, now);
    if (ahead && counts(partner)) return true;
  }
  return false;
}

/** Live peers that were told of the source in this circle, are behind it, and get on. */
export function countTakers(scene: Scene, source: number): number {
  return takersOf(scene, source).filter((taker) => meetsIn(scene, source, taker)).length;
}

/** The same over all circles: what its link is shared by. */
export function countAllTakers(scene: Scene, source: number): number {
  return takersOf(scene, source).length;
}

function takersOf({ swarm, now }: Scene, source: number): number[] {
  const { table, told } = swarm;
  const left = expectedLeft(table, source, now);
  const partners = [...told.partners(table.serial[source] ?? 0, now)];
  return partners.filter((partner) => expectedLeft(table, partner, now) > left && !isIdle(swarm, partner, now));
}

/** The circle is the narrowest group that both are in. */
function meetsIn({ swarm, circle }: Scene, one: number, other: number): boolean {
  const [oneChain, otherChain] = [swarm.table.racks[one]?.chain, swarm.table.racks[other]?.chain];
  const { level } = circle;
  if (level === 0) return oneChain?.[0] === circle && otherChain?.[0] === circle;
  if (oneChain?.[level] !== circle || otherChain?.[level] !== circle) return false;
  return oneChain[level - 1] !== otherChain[level - 1];
}
