// A set of slots that can be drawn from at random: dense, with each member's position kept in a column.
import { NO_SLOT } from "./slot-index.ts";

export class SlotSet {
  /** May be longer than the set. */
  readonly #slots: number[] = [];
  #size = 0;
  readonly #positions: () => Int32Array;

  /** `positions` gives the column that holds each member's position; a slot is in one set of a column at a time. */
  constructor(positions: () => Int32Array) {
    this.#positions = positions;
  }

  get size(): number {
    return this.#size;
  }

  at(position: number): number {
    return position < this.#size ? (this.#slots[position] ?? NO_SLOT) : NO_SLOT;
  }

  add(slot: number): void {
    this.#slots[this.#size] = slot;
    this.#positions()[slot] = this.#size++;
  }

  remove(slot: number): void {
    const positions = this.#positions();
    const position = positions[slot] ?? 0;
    const last = this.#slots[--this.#size] ?? NO_SLOT;
    this.#slots[position] = last;
    positions[last] = position;
  }

  *[Symbol.iterator](): Generator<number> {
    for (let position = 0; position < this.#size; position++) yield this.at(position);
  }
}
