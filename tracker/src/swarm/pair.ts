// One pair under the policy: may these two be told of each other, and what telling them changes.
import { isActive } from "./activity.ts";
import type { Group } from "./group.ts";
import { introductionOf } from "./introduction/choice.ts";
import type { Verdict } from "./introduction/introduction.ts";
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
export function obstacle(swarm: Swarm, circle: Group, one: number, other: number, now: number): Obstacle | undefined {
  const { table } = swarm;
  if (one === other) return "same";
  if (isGone(table, other, now)) return "gone";
  if (table.isComplete(one) && table.isComplete(other)) return "both-complete";
  if (circle.level > 0) {
    const home = childOf(swarm, other, circle);
    if (home === undefined || home === childOf(swarm, one, circle)) return "same-group";
    if (!isActive(swarm, other, home, now)) return "stands-by";
  }
  return isSpent(swarm, one, other, now) ? "spent" : undefined;
}

/** Whether one may be handed the other now. */
export function mayMeet(swarm: Swarm, circle: Group, one: number, other: number, now: number): boolean {
  return obstacle(swarm, circle, one, other, now) === undefined && verdict(swarm, circle, one, other, now) === "meet";
}

/** What the introduction rule says of a pair without an obstacle. */
export function verdict(swarm: Swarm, circle: Group, one: number, other: number, now: number): Verdict {
  if (isPlain(swarm, one, other)) return "meet";
  const { rule, source, taker } = introductionAt(swarm, one, other, now);
  return rule.mayMeet({ swarm, circle, now }, source, taker);
}

export function spendsPair(swarm: Swarm, one: number, other: number, now: number): boolean {
  return !isPlain(swarm, one, other) && introductionAt(swarm, one, other, now).rule.spendsPairs;
}

export function isSpent(swarm: Swarm, one: number, other: number, now: number): boolean {
  return spendsPair(swarm, one, other, now) && swarm.told.isSpent(one, other, now);
}

/** The pair is being told: remembers it where it counts, and gives the taker hope. */
export function tell(swarm: Swarm, one: number, other: number, now: number): void {
  const { table, told } = swarm;
  if (isPlain(swarm, one, other) && hasHope(table, one) && hasHope(table, other)) return;
  const { rule, source, taker } = introductionAt(swarm, one, other, now);
  if (rule.spendsPairs) told.remember(source, taker, now);
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

/** Which of the pair is the source now, which the taker, and the rule that holds for them. */
function introductionAt(swarm: Swarm, one: number, other: number, now: number) {
  const [source, taker] = inOrder(swarm, one, other, now);
  return { rule: introductionOf(swarm.policy, swarm.table, source, taker), source, taker };
}

/** The one with less left is the source; of two alike, the one that stands longer. */
function inOrder({ table }: Swarm, one: number, other: number, now: number): [source: number, taker: number] {
  const ahead =
    expectedLeft(table, other, now) - expectedLeft(table, one, now) ||
    (table.place[other] ?? 0) - (table.place[one] ?? 0);
  return ahead > 0 ? [one, other] : [other, one];
}

function childOf({ table }: Swarm, slot: number, circle: Group): Group | undefined {
  return table.racks[slot]?.chain[circle.level - 1];
}
