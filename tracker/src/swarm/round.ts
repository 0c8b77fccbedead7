// One announce being answered: what is chosen so far, and how candidates are drawn and told.
import type { Reach } from "./announce.ts";
import type { HandoutBuffer } from "./handout-buffer.ts";
import { originFanout } from "./links.ts";
import { isGone } from "./life.ts";
import { countTakers } from "./introduction/sharing.ts";
import { isSpent, spendsPair, tell } from "./pair.ts";
import { NO_SLOT } from "./slot-index.ts";
import type { Swarm } from "./swarm.ts";

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
  if (table.rackOf(origin) === table.rackOf(slot) || isGone(swarm, origin, now)) return false;
  if (isSpent(swarm, slot, origin, now) || !isReachable(round, origin)) return false;
  if (pressing || !spendsPair(swarm, origin, slot)) return true;
  return countTakers({ swarm, circle: swarm.datacenter, now }, origin) < originFanout(policy);
}
