// One announce being answered: what is chosen so far, and how candidates are drawn and told.
import { originFanout } from "./links.ts";
import { isGone } from "./life.ts";
import { countTakers } from "./introduction/sharing.ts";
import { isSpent, spendsPair, tell } from "./pair.ts";
import { NO_SLOT } from "./slot-index.ts";
import type { SlotSet } from "./slot-set.ts";
import { randomStride } from "./slot-set.ts";
import type { Swarm } from "./swarm.ts";

/** An announce being answered. */
export interface Round {
  readonly swarm: Swarm;
  /** The announcing peer. */
  readonly slot: number;
  /** Most peers it may be handed. */
  readonly want: number;
  readonly now: number;
  readonly random: () => number;
  readonly chosen: number[];
}

/** How many candidates of a circle are looked at before a handout stays short. */
const LOOK_AT = 128;
const ORIGINS_AT_A_TIME = 4;

/** Members of a set in random order, up to a bounded number. */
export function* walkSet(set: SlotSet, random: () => number): Generator<number> {
  const { size } = set;
  if (size === 0) return;
  const { start, stride } = randomStride(size, random);
  for (let step = 0, at = start; step < Math.min(size, LOOK_AT); step++, at = (at + stride) % size) {
    const slot = set.at(at);
    if (slot !== NO_SLOT) yield slot;
  }
}

export function choose({ swarm, slot, now, chosen }: Round, other: number): void {
  chosen.push(other);
  tell(swarm, slot, other, now);
}

/**
 * Origins that are not in the peer's own rack, from a random start so that they share the load. One that feeds as many as it can is
 * passed over, unless `pressing`.
 */
export function drawOrigins(round: Round, most: number, pressing = false): void {
  const { swarm, slot, chosen } = round;
  if (swarm.table.isComplete(slot)) return;
  const origins = [...swarm.origins];
  const start = Math.floor(round.random() * origins.length);
  const limit = Math.min(most, chosen.length + ORIGINS_AT_A_TIME);
  for (let step = 0; step < origins.length && chosen.length < limit; step++) {
    const origin = origins[(start + step) % origins.length] ?? NO_SLOT;
    if (!chosen.includes(origin) && mayDrawOrigin(round, origin, pressing)) choose(round, origin);
  }
}

function mayDrawOrigin({ swarm, slot, now }: Round, origin: number, pressing: boolean): boolean {
  const { table, policy } = swarm;
  if (table.racks[origin] === table.racks[slot] || isGone(table, origin, policy, now)) return false;
  if (isSpent(swarm, slot, origin, now)) return false;
  if (pressing || !spendsPair(swarm, origin, slot, now)) return true;
  return countTakers({ swarm, circle: swarm.datacenter, now }, origin) < originFanout(policy);
}
