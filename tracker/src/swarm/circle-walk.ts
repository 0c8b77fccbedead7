// How the candidates of one circle are drawn and told.
import type { Group } from "./group.ts";
import { introductionOfLate } from "./introduction/choice.ts";
import type { Scene } from "./introduction/introduction.ts";
import { isLull } from "./introduction/lull.ts";
import { mayMeet } from "./pair.ts";
import { choose, isReachable, type Round } from "./round.ts";
import { NO_SLOT } from "./slot-index.ts";
import type { Members } from "./slot-set.ts";
import { SlotWalk } from "./slot-walk.ts";
import { isUnbound, takeUnbound } from "./unbound.ts";

/** Whom a peer may meet in one circle, in random order; sources first: complete peers, then for a leecher the others. */
export class CircleWalk {
  readonly #walk = new SlotWalk();
  #circle: Group | undefined;
  #next: Members | undefined;

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
    if (circle.level === 0 && isUnbound(round)) {
      takeUnbound(round, most);
      return;
    }
    if (circle.level === 0 && passOverLull(round)) return;
    const scene = { swarm, circle, now };
    let isLateSettled = isSettledAmongLate(scene, slot);
    while (handout.size < most) {
      const other = this.#walk.next(random);
      if (other !== NO_SLOT) {
        if (isLateSettled && table.isLate(other) && !table.isComplete(other)) continue;
        if (mayMeet(scene, slot, other) && isReachable(round, other)) {
          choose(round, other);
          isLateSettled = isSettledAmongLate(scene, slot);
        }
      } else {
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

/**
 * Whether nobody of its rack is for the announcing peer now. Draws the numbers that a look at its mates would have drawn: copies of a
 * swarm in several trackers, some of which looked, go on alike.
 */
export function passOverLull({ swarm, slot, now, random }: Round): boolean {
  const { table } = swarm;
  if (!table.isLate(slot) || !isLull(swarm, slot, now)) return false;
  const room = table.roomOf(slot);
  if (!table.isComplete(slot) && (table.rooms.complete[room] ?? 0) > 0) random();
  if ((table.rooms.incomplete[room] ?? 0) > 0) random();
  return true;
}
