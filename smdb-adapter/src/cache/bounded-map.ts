// A map that holds so many entries and no more. What goes is what was not asked for since the hand last passed (SIEVE,
// Zhang et al., NSDI 2024): a hit costs one flag, and a scan of addresses seen once does not wash out the fleet.

export interface BoundedMap<V> {
  readonly size: number;
  /** Marks the entry as used. */
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  clear(): void;
}

interface Slot<V> {
  value: V;
  used: boolean;
}

/** `maxEntries` is at least 1. */
export function createBoundedMap<V>(maxEntries: number): BoundedMap<V> {
  const slots = new Map<string, Slot<V>>();
  let hand = slots.entries();

  function evict(): void {
    while (slots.size > 0) {
      const next = hand.next();
      if (next.done) {
        hand = slots.entries();
        continue;
      }
      const [key, slot] = next.value;
      if (!slot.used) return void slots.delete(key);
      slot.used = false;
    }
  }

  return {
    get size() {
      return slots.size;
    },
    get(key) {
      const slot = slots.get(key);
      if (slot !== undefined) slot.used = true;
      return slot?.value;
    },
    set(key, value) {
      const slot = slots.get(key);
      if (slot !== undefined) {
        slot.value = value;
        return;
      }
      if (slots.size >= maxEntries) evict();
      slots.set(key, { value, used: false });
    },
    clear() {
      slots.clear();
      hand = slots.entries();
    },
  };
}
