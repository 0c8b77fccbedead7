// A hash index from fixed-size byte keys, kept in a column of the peer table, to the slots that hold them.

export const NO_SLOT = -1;

/** Where the keys are: `width` bytes a slot, one slot after the other. */
export interface KeyColumn {
  readonly bytes: Uint8Array;
  readonly width: number;
}

/** FNV-1a over the bytes of a latin1 key. */
function hashText(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return mix(hash);
}

function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return mix(hash);
}

function mix(hash: number): number {
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** Open addressing with linear probing and backward-shift deletion; at most half full. */
export class SlotIndex {
  #buckets = new Int32Array(32).fill(NO_SLOT);
  #used = 0;
  readonly #column: () => KeyColumn;

  /** `column` is asked on every call, because columns move when the table grows. */
  constructor(column: () => KeyColumn) {
    this.#column = column;
  }

  find(key: string): number {
    const buckets = this.#buckets;
    const mask = buckets.length - 1;
    const column = this.#column();
    for (let at = hashText(key) & mask; ; at = (at + 1) & mask) {
      const slot = buckets[at] ?? NO_SLOT;
      if (slot === NO_SLOT || holds(column, slot, key)) return slot;
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

  #home(slot: number): number {
    const { bytes, width } = this.#column();
    return hashBytes(bytes, slot * width, slot * width + width);
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

function holds({ bytes, width }: KeyColumn, slot: number, key: string): boolean {
  const start = slot * width;
  for (let at = 0; at < width; at++) if (bytes[start + at] !== key.charCodeAt(at)) return false;
  return true;
}
