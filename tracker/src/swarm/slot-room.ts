// Slots set aside for one rack, so that what a handout reads of its peers lies side by side in memory.
import { NO_SLOT } from "./slot-index.ts";

/** Peers get their slots one by one up to this many at a time: few enough that small racks waste little. */
const MOST_AT_A_TIME = 8;

export class SlotRoom {
  /** Slots that were given back: a list through `PeerTable.next`, so that two of them are joined at once. */
  first = NO_SLOT;
  last = NO_SLOT;
  /** Slots that were never used: from `next` up to `end`. */
  next = 0;
  end = 0;
  #hadSlots = 0;

  /** Takes as many new slots from `top` on as the rack has had, up to a few. Returns the first one that is not its own. */
  setAside(top: number): number {
    const count = Math.min(Math.max(this.#hadSlots, 1), MOST_AT_A_TIME);
    this.#hadSlots += count;
    this.next = top;
    this.end = top + count;
    return this.end;
  }
}
