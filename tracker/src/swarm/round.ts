// One announce being answered: what is chosen so far, and how candidates are drawn and told.
import type { Reach } from "./announce.ts";
import type { Group } from "./group.ts";
import type { HandoutBuffer } from "./handout-buffer.ts";
import { originFanout } from "./links.ts";
import { isGone } from "./life.ts";
import { introductionOfLate } from "./introduction/choice.ts";
import type { Scene } from "./introduction/introduction.ts";
import { countTakers } from "./introduction/sharing.ts";
import { isSpent, mayMeet, spendsPair, tell } from "./pair.ts";
import { NO_SLOT } from "./slot-index.ts";
import type { SlotSet } from "./slot-set.ts";
import { SlotWalk } from "./slot-walk.ts";
import type { Swarm } from "./swarm.ts";
import { isUnbound, takeUnbound } from "./unbound.ts";

/** An announce being answered. */
export interface Round {
  readonly swarm: Swarm;
  /** The announcing peer. */
  readonly slot: number;
  /** Most peers it may be handed. */
  readonly want: number;
  readonly reach: Reach;
  readonly now: number;
  readonly random: () => number;
  readonly handout: HandoutBuffer;
}

const ORIGINS_AT_A_TIME = 4;

export function choose({ swarm, slot, now, handout }: Round, other: number): void {
  handout.add(other);
  tell(swarm, slot, other, now);
}

/** Whom a peer may meet in one circle, in random order; sources first: complete peers, then for a leecher the others. */
export class CircleWalk {
  readonly #walk = new SlotWalk();
  #circle: Group | undefined;
  #next: SlotSet | undefined;

  begin({ swarm, slot }: Round, circle: Group): void {
    const isComplete = swarm.table.isComplete(slot);
    this.#circle = circle;
    this.#walk.begin(isComplete ? circle.incomplete : circle.complete);
    this.#next = isComplete ? undefined : circle.incomplete;
  }

  /** Goes on until the handout holds `most` peers, or the circle has no more. */
  take(round: Round, most: number): void {
    const { swarm, slot, now, handout, random } = round;
    const { table } = swarm;
    const circle = this.#circle;
    if (circle === undefined) return;
    const scene = { swarm, circle, now };
    let isLateSettled = isSettledAmongLate(scene, slot);
    const isEasy = circle.level === 0 && isUnbound(round);
    while (handout.size < most) {
      const other = isEasy ? takeUnbound(round, this.#walk, most) : this.#walk.next(random);
      if (other !== NO_SLOT) {
        if (isLateSettled && table.isLate(other) && !table.isComplete(other)) continue;
        if (mayMeet(scene, slot, other) && isReachable(round, other)) {
          choose(round, other);
          isLateSettled = isSettledAmongLate(scene, slot);
        }
      } else if (handout.size < most) {
        if (this.#next === undefined) return;
        this.#walk.begin(this.#next);
        this.#next = undefined;
      }
    }
  }
}

/** A late client has met all the late ones it may for now, but for complete ones. */
function isSettledAmongLate(scene: Scene, slot: number): boolean {
  const { table, policy } = scene.swarm;
  return table.isLate(slot) && introductionOfLate(policy).isSettled(scene, slot);
}

/** Whether the answer has room for an address of the peer. */
export function isReachable({ swarm, reach }: Round, other: number): boolean {
  return reach === "any" || swarm.table.isIn(other, reach);
}

/**
 * Origins that are not in the peer's own rack, from a random start so that they share the load. One that feeds as many as it can is
 * passed over, unless `pressing`.
 */
export function drawOrigins(round: Round, most: number, pressing = false): void {
  const { swarm, slot, handout } = round;
  const { origins } = swarm;
  if (origins.length === 0 || swarm.table.isComplete(slot)) return;
  const start = Math.floor(round.random() * origins.length);
  const limit = Math.min(most, handout.size + ORIGINS_AT_A_TIME);
  for (let step = 0; step < origins.length && handout.size < limit; step++) {
    const origin = origins[(start + step) % origins.length] ?? NO_SLOT;
    if (!handout.includes(origin) && mayDrawOrigin(round, origin, pressing)) choose(round, origin);
  }
}

function mayDrawOrigin(round: Round, origin: number, pressing: boolean): boolean {
  const { swarm, slot, now } = round;
  const { table, policy } = swarm;
  if (table.racks[origin] === table.racks[slot] || isGone(table, origin, now)) return false;
  if (isSpent(swarm, slot, origin, now) || !isReachable(round, origin)) return false;
  if (pressing || !spendsPair(swarm, origin, slot)) return true;
  return countTakers({ swarm, circle: swarm.datacenter, now }, origin) < originFanout(policy);
}
