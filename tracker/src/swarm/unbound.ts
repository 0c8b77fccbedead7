// The common case of a handout, in one tight loop: mates whom `plain` lets meet, and whom telling changes nothing about.
import { COMPLETE, DUAL, FED, GONE_AT, HOT_BYTES, HOT_DOUBLES, HOT_WORDS, LATE, MARKS_AT, V6 } from "./peer-table.ts";
import type { Round } from "./round.ts";
import { NO_SLOT } from "./slot-index.ts";
import type { SlotWalk } from "./slot-walk.ts";

/** Neither peer is late, and both have been fed or are complete: `mayMeet` would say yes, and `tell` would do nothing. */
export function isUnbound({ swarm, slot, reach }: Round): boolean {
  const { table, policy } = swarm;
  return policy.introduction === "auto" && reach !== "ipv6" && !table.isLate(slot) && table.has(slot, FED | COMPLETE);
}

/**
 * Hands out unbound mates in the order of the walk, until there are `most`, the walk ends, or it comes to one that is not: that
 * one is returned, undecided; else `NO_SLOT`. For a peer that is unbound itself, in its rack.
 */
export function takeUnbound({ swarm, slot, now, handout, random }: Round, walk: SlotWalk, most: number): number {
  const { hot, hotWords, hotTimes } = swarm.table;
  handout.reserve(most);
  const { slots, v4Words } = handout;
  let { size } = handout;
  let to = handout.v4Length >> 1;
  let undecided = NO_SLOT;
  while (size < most) {
    const other = walk.next(random);
    if (other === NO_SLOT) break;
    const marks = hot[other * HOT_BYTES + MARKS_AT] ?? 0;
    if ((marks & (LATE | V6 | DUAL)) !== 0 || (marks & (FED | COMPLETE)) === 0) {
      undecided = other;
      break;
    }
    if (other === slot || now > (hotTimes[other * HOT_DOUBLES + GONE_AT] ?? 0)) continue;
    const from = other * HOT_WORDS;
    v4Words[to] = hotWords[from] ?? 0;
    v4Words[to + 1] = hotWords[from + 1] ?? 0;
    v4Words[to + 2] = hotWords[from + 2] ?? 0;
    to += 3;
    slots[size++] = other;
  }
  handout.size = size;
  handout.v4Length = to << 1;
  return undecided;
}
