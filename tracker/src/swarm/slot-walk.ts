// Members of a set in random order, without allocation.
import { NO_SLOT } from "./slot-index.ts";
import type { Members } from "./slot-set.ts";

/** How many members are looked at before a walk ends. */
export const LOOK_AT = 128;
const STRIDES = [7919, 6101, 4999, 3571, 2503, 1301, 701, 313, 101, 41, 13];

/**
 * Goes round a set from a random start, by a random stride that has no divisor in common with its size. The set must not change
 * meanwhile.
 */
export class SlotWalk {
  #set: Members | undefined;
  #at = 0;
  #stride = 0;
  #left = 0;

  begin(set: Members): void {
    this.#set = set;
    this.#left = Math.min(set.size, LOOK_AT);
    this.#stride = 0;
  }

  /** `random` is 0 inclusive to 1 exclusive. `NO_SLOT` at the end. */
  next(random: () => number): number {
    const set = this.#set;
    if (this.#left === 0 || set === undefined) return NO_SLOT;
    this.#left--;
    if (this.#stride === 0) {
      // One number for both: the digits that choose the stride do not choose the start.
      const drawn = random() * set.size;
      this.#at = Math.floor(drawn);
      this.#stride = strideFor(set.size, drawn - this.#at);
    }
    const at = this.#at;
    const next = at + this.#stride;
    this.#at = next >= set.size ? next - set.size : next;
    return set.at(at);
  }
}

/** At least 1, less than the size, and coprime to it; `fraction` is 0 to 1. */
export function strideFor(size: number, fraction: number): number {
  const first = Math.floor(fraction * STRIDES.length);
  for (let offset = 0; offset < STRIDES.length; offset++) {
    const stride = STRIDES[(first + offset) % STRIDES.length] ?? 1;
    // The strides are primes.
    if (size % stride !== 0) return stride % size || 1;
  }
  return 1;
}
