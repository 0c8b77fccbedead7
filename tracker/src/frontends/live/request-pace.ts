// How fast one connection's requests are taken: by the info-hashes in them, a burst at once and then a steady pace.

const HASHES_PER_SECOND = 5_000;
const BURST_HASHES = 20_000;
/** A frame is work, too, whatever is in it. */
const LEAST_COST = 10;

export interface RequestPace {
  /** Notes what was taken. The result is how many milliseconds to take nothing more for; 0 for none. */
  spend(hashCount: number, nowMs: number): number;
}

export function createRequestPace(): RequestPace {
  let left = BURST_HASHES;
  let asOfMs: number | undefined;
  return {
    spend(hashCount, nowMs) {
      const passedMs = nowMs - (asOfMs ?? nowMs);
      asOfMs = nowMs;
      left = Math.min(BURST_HASHES, left + (passedMs * HASHES_PER_SECOND) / 1000) - Math.max(hashCount, LEAST_COST);
      return left >= 0 ? 0 : Math.ceil((-left * 1000) / HASHES_PER_SECOND);
    },
  };
}
