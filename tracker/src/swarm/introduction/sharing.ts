// How sources are shared out: the part that `late` and `fan` have in common.
import { isStuck, stuckAt } from "../life.ts";
import { STALLED } from "../peer-table.ts";
import { expectedLeft } from "../progress.ts";
import { NO_SLOT } from "../slot-index.ts";
import type { Swarm } from "../swarm.ts";
import { TOLD_MEMORY_MS } from "../told-memory.ts";
import type { Scene, Verdict } from "./introduction.ts";

/** A complete peer serves this many takers of its rack at a time, so that each gets a good share of its link. */
const RACK_TAKERS = 4;
/** And this many of other groups: an uplink carries one copy out in the time that it carries one in. */
const OUTSIDE_TAKERS = 1;
/** Nothing feeds more than this at a time, so no more are counted. */
const MOST_TAKERS = 64;

export function mayTakeFromComplete(scene: Scene, source: number, taker: number): Verdict {
  if (scene.circle.level > 0 && hasSource(scene, taker)) return "served";
  return mayServe(scene, source) ? "meet" : "source-busy";
}

/** Whether a complete source has room for one more. */
export function mayServe(scene: Scene, source: number): boolean {
  const most = scene.circle.level > 0 ? OUTSIDE_TAKERS : RACK_TAKERS;
  const isAnnouncer = source === scene.swarm.announcer;
  return (isAnnouncer ? countTakers(scene, source) : count(scene, source, meetsIn, most)) < most;
}

/** Until when a complete source surely has no room for one more in its rack, but for what its mates say meanwhile; 0 when it has. */
export function busyUntil({ swarm, circle, now }: Scene, source: number): number {
  const { table, told, policy } = swarm;
  const tellings = told.of(source);
  let until = Number.POSITIVE_INFINITY;
  let takers = 0;
  for (let index = 0; index < (tellings?.serials.length ?? 0); index++) {
    const taker = tellings === undefined ? NO_SLOT : told.partner(tellings, index, now);
    if (taker === NO_SLOT || table.isComplete(taker) || isIdle(swarm, taker, now)) continue;
    if (table.rackOf(taker) !== circle) continue;
    const forgottenAt = (tellings?.times[index] ?? 0) + TOLD_MEMORY_MS - 1;
    until = Math.min(until, forgottenAt, stuckAt(table, taker, policy));
    if (++takers === RACK_TAKERS) return until;
  }
  return 0;
}

/** Whether the taker gets on, and was told of somebody in the circle that is ahead of it. */
export function hasSource(scene: Scene, taker: number): boolean {
  return scene.swarm.facts.get(scene, taker, "source", findsSource) > 0;
}

/** The same where the one ahead is not complete yet. */
export function hasPartialSource(scene: Scene, taker: number): boolean {
  return scene.swarm.facts.get(scene, taker, "partialSource", findsPartialSource) > 0;
}

/** Whether what the peer gets comes from one that is not complete itself, of whichever circle. */
export function isPassedOn(scene: Scene, taker: number): boolean {
  return findSource(scene, taker, (source) => !scene.swarm.table.isComplete(source));
}

/** Live peers that were told of the source in this circle, are behind it, and get on. */
export function countTakers(scene: Scene, source: number): number {
  return scene.swarm.facts.get(scene, source, "takers", takersHere);
}

/** The same over all circles but the widest: in its rack, and between racks that share a way out. */
export function countInnerTakers(scene: Scene, source: number): number {
  return scene.swarm.facts.get(scene, source, "innerTakers", takersInside);
}

/** The same over all circles: what its link is shared by. */
export function countAllTakers(scene: Scene, source: number): number {
  return scene.swarm.facts.get(scene, source, "allTakers", takersAnywhere);
}

function findsSource(scene: Scene, taker: number): number {
  return Number(findSource(scene, taker, (source) => meetsIn(scene, source, taker)));
}

function findsPartialSource(scene: Scene, taker: number): number {
  const { table } = scene.swarm;
  return Number(findSource(scene, taker, (source) => !table.isComplete(source) && meetsIn(scene, source, taker)));
}

function takersHere(scene: Scene, source: number): number {
  return count(scene, source, meetsIn, MOST_TAKERS);
}

function takersInside(scene: Scene, source: number): number {
  return count(scene, source, sharesWayOut, MOST_TAKERS);
}

function takersAnywhere(scene: Scene, source: number): number {
  return count(scene, source, () => true, MOST_TAKERS);
}

/** Stood still between its last announces, or for long. */
function isIdle({ table, policy }: Swarm, slot: number, now: number): boolean {
  return table.has(slot, STALLED) || isStuck(table, slot, policy, now);
}

function findSource(scene: Scene, taker: number, counts: (source: number) => boolean): boolean {
  const { swarm, now } = scene;
  const { table, told } = swarm;
  const tellings = told.of(taker);
  if (tellings === undefined || isIdle(swarm, taker, now)) return false;
  const left = expectedLeft(table, taker, now);
  for (let index = 0; index < tellings.serials.length; index++) {
    const partner = told.partner(tellings, index, now);
    if (partner !== NO_SLOT && expectedLeft(table, partner, now) < left && counts(partner)) return true;
  }
  return false;
}

/** Counts those for whom `counts` holds, up to `most`. */
function count(
  scene: Scene,
  source: number,
  counts: (scene: Scene, source: number, taker: number) => boolean,
  most: number,
): number {
  const { swarm, now } = scene;
  const { table, told } = swarm;
  const tellings = told.of(source);
  if (tellings === undefined) return 0;
  const left = expectedLeft(table, source, now);
  let takers = 0;
  for (let index = 0; index < tellings.serials.length && takers < most; index++) {
    const partner = told.partner(tellings, index, now);
    if (partner === NO_SLOT || table.isComplete(partner)) continue;
    const isBehind = left === 0 || expectedLeft(table, partner, now) > left;
    if (isBehind && !isIdle(swarm, partner, now) && counts(scene, source, partner)) takers++;
  }
  return takers;
}

/** Both are in the same of the groups that have only the whole datacenter around them. */
function sharesWayOut({ swarm: { table } }: Scene, one: number, other: number): boolean {
  return table.rackOf(one)?.chain.at(-2) === table.rackOf(other)?.chain.at(-2);
}

/** The circle is the narrowest group that both are in. */
export function meetsIn({ swarm, circle }: Scene, one: number, other: number): boolean {
  const { table } = swarm;
  const { level } = circle;
  if (level === 0) return table.rackOf(one) === circle && table.rackOf(other) === circle;
  const [oneChain, otherChain] = [table.rackOf(one)?.chain, table.rackOf(other)?.chain];
  if (oneChain?.[level] !== circle || otherChain?.[level] !== circle) return false;
  return oneChain[level - 1] !== otherChain[level - 1];
}
