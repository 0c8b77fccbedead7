// A token bucket: so many a second in the long run, and some more at once.

export class MessageRate {
  #tokens: number;
  #filledAtMs: number;

  constructor(burst: number, nowMs: number) {
    this.#tokens = burst;
    this.#filledAtMs = nowMs;
  }

  /** False when there are not as many left; then nothing is taken. */
  take(tokens: number, { perSecond, burst }: { perSecond: number; burst: number }, nowMs: number): boolean {
    const gained = (Math.max(0, nowMs - this.#filledAtMs) * perSecond) / 1000;
    this.#tokens = Math.min(burst, this.#tokens + gained);
    this.#filledAtMs = nowMs;
    if (this.#tokens < tokens) return false;
    this.#tokens -= tokens;
    return true;
  }
}
