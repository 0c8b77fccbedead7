// A hash index from fixed-size byte keys, kept in a column of the peer table, to the slots that hold them.

export const NO_SLOT = -1;

/** Where the keys are: `width` bytes (an even number) from `offset` on in every `stride`. */
export interface KeyColumn {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly width: number;
  readonly stride: number;
}

/** FNV-1a, two bytes at a time, over the first `width` characters of a latin1 text. */
function hashText(key: string, width: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < width; at += 2) {
    hash = Math.imul(hash ^ key.charCodeAt(at) ^ (key.charCodeAt(at + 1) << 8), 0x01000193);
  }
  return mix(hash);
}

function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at += 2) {
    hash = Math.imul(hash ^ (bytes[at] ?? 0) ^ ((bytes[at + 1] ?? 0) << 8), 0x01000193);
  }
  return mix(hash);
}

function mix(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** Open addressing with linear probing and backward-shift deletion; at most half full. */
export class SlotIndex {
  #buckets = new Int32Array(32).fill(NO_SLOT);
  #used = 0;
  #bytes: Uint8Array;
  readonly #offset: number;
  readonly #width: number;
  readonly #stride: number;

  constructor({ bytes, offset, width, stride }: KeyColumn) {
    this.#bytes = bytes;
    this.#offset = offset;
    this.#width = width;
    this.#stride = stride;
  }

  /** The column moved, because the table grew. */
  moveTo(bytes: Uint8Array): void {
    this.#bytes = bytes;
  }

  /** The slot whose key is what the text begins with. */
  find(text: string): number {
    const buckets = this.#buckets;
    const mask = buckets.length - 1;
    for (let at = hashText(text, this.#width) & mask; ; at = (at + 1) & mask) {
      const slot = buckets[at] ?? NO_SLOT;
      if (slot === NO_SLOT || this.#holds(slot, text)) return slot;
    }
  }

  /** The slot that holds the same key as this one, which need not be indexed. */
  findLike(slot: number): number {
    const buckets = this.#buckets;
    const mask = buckets.length - 1;
    for (let at = this.#home(slot) & mask; ; at = (at + 1) & mask) {
      const other = buckets[at] ?? NO_SLOT;
      if (other === NO_SLOT || this.#areAlike(slot, other)) return other;
    }
  }

  /** The slot's key must already be in the column, and in no other indexed slot. */
  add(slot: number): void {
    if ((this.#used + 1) * 2 > this.#buckets.length) this.#grow();
    this.#place(slot);
    this.#used++;
  }

  /** Call before the slot's key changes. */
  remove(slot: number): void {
    const buckets = this.#buckets;
    const mask = buckets.length - 1;
    let hole = this.#home(slot) & mask;
    while (buckets[hole] !== slot) {
      if (buckets[hole] === NO_SLOT) return;
      hole = (hole + 1) & mask;
    }
    for (let at = (hole + 1) & mask; buckets[at] !== NO_SLOT; at = (at + 1) & mask) {
      const moved = buckets[at] ?? NO_SLOT;
      const home = this.#home(moved) & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      buckets[hole] = moved;
      hole = at;
    }
    buckets[hole] = NO_SLOT;
    this.#used--;
  }

  #holds(slot: number, text: string): boolean {
    const bytes = this.#bytes;
    const start = slot * this.#stride + this.#offset;
    // Backwards, because ids of one client differ at their ends.
    for (let at = this.#width - 1; at >= 0; at--) if (bytes[start + at] !== text.charCodeAt(at)) return false;
    return true;
  }

  #areAlike(one: number, other: number): boolean {
    const bytes = this.#bytes;
    const start = one * this.#stride + this.#offset;
    const otherStart = other * this.#stride + this.#offset;
    for (let at = 0; at < this.#width; at++) if (bytes[start + at] !== bytes[otherStart + at]) return false;
    return true;
  }

  #home(slot: number): number {
    const start = slot * this.#stride + this.#offset;
    return hashBytes(this.#bytes, start, start + this.#width);
  }

  #place(slot: number): void {
    const mask = this.#buckets.length - 1;
    let at = this.#home(slot) & mask;
    while (this.#buckets[at] !== NO_SLOT) at = (at + 1) & mask;
    this.#buckets[at] = slot;
  }

  #grow(): void {
    const old = this.#buckets;
    this.#buckets = new Int32Array(old.length * 2).fill(NO_SLOT);
    for (const slot of old) if (slot !== NO_SLOT) this.#place(slot);
  }
}
