// Who hears what changes in a swarm: a store that keeps swarms elsewhere writes down just that.

export interface ChangeListener {
  /** Columns of a live peer changed, or what it represents. */
  changed(slot: number): void;
  /** A peer departs; its columns are still what they were. `now` is milliseconds since the epoch. */
  departing(slot: number, now: number): void;
  /** Two peers, by serial, were told of each other, or their memory of it was renewed, at a time (milliseconds since the epoch). */
  told(one: number, other: number, at: number): void;
}

export const NOBODY_LISTENS: ChangeListener = { changed() {}, departing() {}, told() {} };
