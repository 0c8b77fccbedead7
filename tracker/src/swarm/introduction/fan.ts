// `fan`: a pair meets once the source is far enough ahead never to run dry; for clients that tell their pieces late.
import { isActive, isFit } from "../activity.ts";
import { FED } from "../peer-table.ts";
import { uplinkRate, uplinkToAccess } from "../links.ts";
import { MEETING_MS } from "../rack-notes.ts";
import { expectedLeft } from "../progress.ts";
import type { Introduction, Scene, Verdict } from "./introduction.ts";
import type { Swarm } from "../swarm.ts";
import {
  countAllTakers,
  countInnerTakers,
  hasPartialSource,
  hasSource,
  isPassedOn,
  meetsIn,
  mayServe,
  mayTakeFromComplete,
} from "./sharing.ts";

/** A lone taker would get the whole link, catch up at once, and leave nobody else to turn to. */
const NARROWEST_FAN = 2;
/** How far pairs stay from running dry, as a part of what the taker lacks. */
const MARGIN = {
  /** The rack depends on it: mates that run dry at their representative have nobody else. */
  puller: 0.25,
  /** Its own source is not complete and may falter. */
  chained: 0.3,
  /** Who runs dry at a mate still has the representative to turn to. The least of the three. */
  branch: 0.15,
} as const;
/** Of an uplink that nothing else holds back, payload gets about this part. */
const PAYLOAD_PART = 0.9;
/** Fresh mates that are held back for a complete copy where the links are only assumed. */
const RESERVE = 1;
/** How far ahead a representative must be of the one that it passes its copy on to over an equally fast uplink. */
const CHAIN_REACH = 0.87;
/** Nobody meets in a rack while the source will still lack more than this part of what the taker lacks. */
export const SHARED_MOST = 1 - MARGIN.branch;
/** How many mates are looked at to see who waits. */
const LOOK_AHEAD = 32;
const MOST_WAITING = 8;

export const fan: Introduction = {
  mayMeet(scene, source, taker) {
    if (scene.swarm.table.isComplete(source)) return mayTakeFromComplete(scene, source, taker);
    return scene.circle.parent === undefined ? mayChain(scene, source, taker) : mayFan(scene, source, taker);
  },
  isSettled(scene, announcer) {
    if (scene.swarm.table.isComplete(announcer)) return !mayServe(scene, announcer);
    if (scene.circle.parent === undefined) return hasSource(scene, announcer) && countAllTakers(scene, announcer) > 0;
    return hasPartialSource(scene, announcer) && !mayBeFanned(scene, announcer);
  },
};

/** Whether there is anybody whom the incomplete source might be wide enough for. */
function mayBeFanned(scene: Scene, source: number): boolean {
  if (!isGettingOn(scene, source)) return false;
  const takers = countInnerTakers(scene, source);
  return takers === countAllTakers(scene, source) && takers < 1 / uplinkToAccess(scene.swarm.policy);
}

/**
 * With k takers on it, in its rack and in racks that share its way out, a source gives each 1/k of its access link. Such a pair never runs dry when the source gets its own rest no later than
 * the taker gets all of its: left(source) ÷ rate(source) ≤ left(taker) × k ÷ access. The fewest takers for which that holds get the
 * most each; the others are served by those.
 */
function mayFan(scene: Scene, source: number, taker: number): Verdict {
  const { policy, announcer } = scene.swarm;
  // The announcing peer first: its facts are known after the first pair.
  if (taker === announcer && hasPartialSource(scene, taker)) return "served";
  if (leadOf(scene, source, taker) > SHARED_MOST) return "not-ahead";
  if (!isGettingOn(scene, source)) return "source-not-active";
  const takers = countInnerTakers(scene, source);
  if (takers < countAllTakers(scene, source)) return "source-busy";
  const width = fewestTakers(scene, source, taker);
  if (width > 1 / uplinkToAccess(policy)) return "not-ahead";
  if (takers >= width) return "source-busy";
  if (taker !== announcer && hasPartialSource(scene, taker)) return "served";
  const reserve = policy.links === undefined ? RESERVE : 0;
  return takers + countWaiting(scene, source) - reserve < width ? "reserve" : "meet";
}

function fewestTakers(scene: Scene, source: number, taker: number): number {
  const width = (leadOf(scene, source, taker) + MARGIN[kindOf(scene, source)]) / uplinkToAccess(scene.swarm.policy);
  return Math.max(NARROWEST_FAN, Math.ceil(width * slowness(scene.swarm, source)));
}

function kindOf(scene: Scene, source: number): keyof typeof MARGIN {
  if (!isActive(scene.swarm, source, scene.circle, scene.now)) return "branch";
  return isPassedOn(scene, source) ? "chained" : "puller";
}

/** How many times slower than an uplink allows the source pulls; the uplink is known by setting or else by the fastest pull seen. */
function slowness({ table, policy: { links }, fastestPull }: Swarm, source: number): number {
  const rate = table.rateOf(source);
  const uplink = links === undefined ? fastestPull : PAYLOAD_PART * uplinkRate(links);
  return rate > 0 ? Math.max(1, uplink / rate) : 1;
}

/** Pulls for the circle's group, or is itself fed and progresses. */
function isGettingOn(scene: Scene, source: number): boolean {
  return scene.swarm.facts.get(scene, source, "gettingOn", getsOn) > 0;
}

function getsOn({ swarm, circle, now }: Scene, source: number): number {
  return Number(isActive(swarm, source, circle, now) || (swarm.table.has(source, FED) && isFit(swarm, source, now)));
}

/**
 * Between pulling representatives: each passes its copy on to one more, as fast as it gets it. Until it is complete its link is
 * for the next rack or for its own, not for both: the longer way would get the smaller share, falter, and run dry further on.
 */
function mayChain(scene: Scene, source: number, taker: number): Verdict {
  if (hasSource(scene, taker)) return "served";
  if (countAllTakers(scene, source) > 0) return "source-busy";
  return leadOf(scene, source, taker) <= CHAIN_REACH ? "meet" : "not-ahead";
}

/** How much of the taker's want the source will share when the two have met. */
function leadOf({ swarm, now }: Scene, source: number, taker: number): number {
  const { table } = swarm;
  return expectedLeft(table, source, now + MEETING_MS) / expectedLeft(table, taker, now);
}

/** Those without a partial source that the pair's source was not told of yet, counted as far as it matters. */
function countWaiting(scene: Scene, source: number): number {
  return scene.swarm.facts.get(scene, source, "waiting", waitingFor);
}

/** In all circles that the source takes part in, but for the widest. */
function waitingFor(scene: Scene, source: number): number {
  const { table } = scene.swarm;
  let waiting = 0;
  for (const circle of table.rackOf(source)?.chain ?? []) {
    if (circle.parent === undefined || circle.level > table.representsOf(source)) break;
    waiting += waitingIn(circle === scene.circle ? scene : { ...scene, circle }, source);
  }
  return waiting;
}

function waitingIn(scene: Scene, source: number): number {
  const { told } = scene.swarm;
  const { incomplete } = scene.circle;
  let waiting = 0;
  const most = Math.min(incomplete.size, LOOK_AHEAD);
  for (let position = 0; position < most && waiting < MOST_WAITING; position++) {
    const mate = incomplete.at(position);
    if (mate === source || told.isSpent(source, mate, scene.now) || !isOpenTo(scene, source, mate)) continue;
    if (!hasPartialSource(scene, mate)) waiting++;
  }
  return waiting;
}

/** In a wider circle representatives of other child groups meet, and those alone that pull for theirs. */
function isOpenTo(scene: Scene, source: number, mate: number): boolean {
  const { swarm, circle, now } = scene;
  if (circle.level === 0) return true;
  const home = swarm.table.rackOf(mate)?.chain[circle.level - 1];
  return home !== undefined && meetsIn(scene, source, mate) && isActive(swarm, mate, home, now);
}
