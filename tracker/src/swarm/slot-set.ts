// Sets of slots that can be drawn from at random.
import { NO_SLOT } from "./slot-index.ts";

/** Slots by position, 0 to `size`; in no particular order. */
export interface Members extends Iterable<number> {
  readonly size: number;
  /** `NO_SLOT` where there is none. */
  at(position: number): number;
}

/** For the few that stand in wider circles; the peers of a rack are in its room. */
export class SlotSet implements Members {
  readonly #slots: number[] = [];
  readonly #positions = new Map<number, number>();

  get size(): number {
    return this.#slots.length;
  }

  at(position: number): number {
    return this.#slots[position] ?? NO_SLOT;
  }

  add(slot: number): void {
    this.#positions.set(slot, this.#slots.push(slot) - 1);
  }

  /** Whether it was in the set; the last takes its place. */
  remove(slot: number): boolean {
    const position = this.#positions.get(slot);
    if (position === undefined) return false;
    this.#positions.delete(slot);
    const last = this.#slots.pop() ?? NO_SLOT;
    if (last === slot) return true;
    this.#slots[position] = last;
    this.#positions.set(last, position);
    return true;
  }

  [Symbol.iterator](): Iterator<number> {
    return this.#slots.values();
  }
}
