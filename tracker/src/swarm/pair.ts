// One pair under the policy: may these two be told of each other, and what telling them changes.
import { isActive } from "./activity.ts";
import type { Group } from "./group.ts";
import { introductionOf } from "./introduction/choice.ts";
import type { Scene, Verdict } from "./introduction/introduction.ts";
import { isGone } from "./life.ts";
import { FED, type PeerTable, STALLED } from "./peer-table.ts";
import { expectedLeft } from "./progress.ts";
import type { Swarm } from "./swarm.ts";

/** Why a pair is not told whatever the introduction rule says. */
export type Obstacle = keyof typeof OBSTACLES;

export const OBSTACLES = {
  same: "it is the peer itself",
  gone: "it was not heard of for its lifetime",
  "both-complete": "both are complete",
  "same-group": "they meet in a narrower group",
  "stands-by": "it represents its group but stands by: another one is active",
  spent: "they were told of each other before, and clients do not connect a pair twice within ten minutes",
} as const;

/** Two peers of one circle, in the light of everything but what was chosen so far. */
export function obstacle(scene: Scene, one: number, other: number): Obstacle | undefined {
  return hindrance(scene, one, other) ?? (isSpent(scene.swarm, one, other, scene.now) ? "spent" : undefined);
}

/** The same without what was told before. */
function hindrance(scene: Scene, one: number, other: number): Obstacle | undefined {
  const { swarm, circle, now } = scene;
  const { table } = swarm;
  if (one === other) return "same";
  if (isGone(swarm, other, now)) return "gone";
  if (table.isComplete(one) && table.isComplete(other)) return "both-complete";
  if (circle.level === 0) return undefined;
  const home = childOf(swarm, other, circle);
  if (home === undefined || home === childOf(swarm, one, circle)) return "same-group";
  return isActive(swarm, other, home, now) ? undefined : "stands-by";
}

/** Whether one may be handed the other now. */
export function mayMeet(scene: Scene, one: number, other: number): boolean {
  return obstacle(scene, one, other) === undefined && verdict(scene, one, other) === "meet";
}

/** What the introduction rule says of a pair without an obstacle. */
export function verdict(scene: Scene, one: number, other: number): Verdict {
  const { swarm, now } = scene;
  if (isPlain(swarm, one, other)) return "meet";
  const [source, taker] = isAhead(swarm, one, other, now) ? [one, other] : [other, one];
  return introductionOf(swarm.policy, swarm.table, source, taker).mayMeet(scene, source, taker);
}

/** Whether the clients would not connect the pair again once it was told: wherever `plain` does not hold. */
export function spendsPair(swarm: Swarm, one: number, other: number): boolean {
  return !isPlain(swarm, one, other);
}

export function isSpent(swarm: Swarm, one: number, other: number, now: number): boolean {
  return spendsPair(swarm, one, other) && swarm.told.isSpent(one, other, now);
}

/** The pair is being told: remembers it where it counts, and gives the taker hope. */
export function tell(swarm: Swarm, one: number, other: number, now: number): void {
  const { table, told } = swarm;
  const plain = isPlain(swarm, one, other);
  if (plain && hasHope(table, one) && hasHope(table, other)) return;
  const [source, taker] = isAhead(swarm, one, other, now) ? [one, other] : [other, one];
  if (!plain) told.remember(source, taker, now);
  else if (table.has(taker, FED)) return;
  swarm.changes++;
  table.listener.changed(taker);
  table.setFlag(taker, FED, true);
  table.setFlag(taker, STALLED, false);
  table.setHopefulAt(taker, now);
}

/** Being told of somebody changes nothing for it. */
function hasHope(table: PeerTable, slot: number): boolean {
  return table.has(slot, FED) || table.isComplete(slot);
}

/** `plain` holds for the pair, whichever of the two is the source: the common case, told without comparing them. */
function isPlain({ policy, table }: Swarm, one: number, other: number): boolean {
  if (policy.introduction === "auto") return !table.isLate(one) && !table.isLate(other);
  return policy.introduction === "plain";
}

/** Whether the first of the pair is the source: the one with less left; of two alike, the one that stands longer. */
function isAhead({ table }: Swarm, one: number, other: number, now: number): boolean {
  const lead = expectedLeft(table, other, now) - expectedLeft(table, one, now);
  return lead > 0 || (lead === 0 && (table.place[one] ?? 0) < (table.place[other] ?? 0));
}

function childOf({ table }: Swarm, slot: number, circle: Group): Group | undefined {
  return table.rackOf(slot)?.chain[circle.level - 1];
}
