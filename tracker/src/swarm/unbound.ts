// The common case of a handout, in one tight loop: mates whom `plain` lets meet, and whom telling changes nothing about.
import { isGone } from "./life.ts";
import { mayMeet } from "./pair.ts";
import { COMPLETE, DUAL, FED, LATE, V6 } from "./peer-table.ts";
import { SAFE_UNTIL_AT, SEAT_WORDS, SLOT_AT } from "./rooms.ts";
import { choose, isReachable, type Round } from "./round.ts";
import { LOOK_AT, strideFor } from "./slot-walk.ts";

/** Who may have been told before, or is not to be had by its IPv4 endpoint alone. */
const BOUND = LATE | V6 | DUAL;

/** Neither peer is late, and both have been fed or are complete: `mayMeet` would say yes, and `tell` would do nothing. */
export function isUnbound({ swarm, slot, reach }: Round): boolean {
  const { table, policy } = swarm;
  return policy.introduction === "auto" && reach !== "ipv6" && !table.isLate(slot) && table.has(slot, FED | COMPLETE);
}

/** Draws from its rack for a peer that is unbound itself until the handout holds `most`: complete mates first, none for a complete peer. */
export function takeUnbound(round: Round, most: number): void {
  const { table } = round.swarm;
  const { first, complete, incomplete } = table.rooms;
  const room = table.roomOf(round.slot);
  const [start, split] = [first[room] ?? 0, complete[room] ?? 0];
  round.handout.reserve(most);
  if (!table.isComplete(round.slot)) takeSeats(round, start, split, most);
  takeSeats(round, start + split, incomplete[room] ?? 0, most);
}

/** From `count` seats, in random order. Those who are not unbound take the long way. */
function takeSeats(round: Round, firstSeat: number, count: number, most: number): void {
  const { swarm, slot, handout } = round;
  const { words } = swarm.table.rooms;
  const { slots, v4Words } = handout;
  const nowSeconds = Math.floor(round.now / 1000);
  const drawn = round.random() * count;
  // As an integer, so that the loop computes with integers.
  let at = drawn | 0;
  // Where all have room their order matters little, and memory is read fastest in its own.
  const stride = count <= most - handout.size ? 1 : strideFor(count, drawn - at);
  let { size } = handout;
  let to = handout.v4Length >> 1;
  for (let left = Math.min(count, LOOK_AT); left > 0 && size < most; left--) {
    const seat = (firstSeat + at) * SEAT_WORDS;
    at += stride;
    if (at >= count) at -= count;
    const other = words[seat + SLOT_AT] ?? 0;
    // A seat is read as four words, twice as fast as by its bytes: all machines we run on have the low byte first.
    const portAndMarks = words[seat + 1] ?? 0;
    const marks = portAndMarks >>> 16;
    if ((marks & BOUND) !== 0 || (marks & (FED | COMPLETE)) === 0) {
      handout.size = size;
      handout.v4Length = to << 1;
      takeOne(round, other);
      size = handout.size;
      to = handout.v4Length >> 1;
      continue;
    }
    const isSafe = nowSeconds < (words[seat + SAFE_UNTIL_AT] ?? 0);
    if (other === slot || (!isSafe && isGone(swarm, other, round.now))) continue;
    const host = words[seat] ?? 0;
    v4Words[to] = host;
    v4Words[to + 1] = host >>> 16;
    v4Words[to + 2] = portAndMarks;
    to += 3;
    slots[size++] = other;
  }
  handout.size = size;
  handout.v4Length = to << 1;
}

function takeOne(round: Round, other: number): void {
  const { swarm, slot, now } = round;
  const circle = swarm.table.rackOf(slot);
  if (circle !== undefined && mayMeet({ swarm, circle, now }, slot, other) && isReachable(round, other)) {
    choose(round, other);
  }
}
