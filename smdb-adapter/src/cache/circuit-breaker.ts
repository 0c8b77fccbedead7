// Leaves a service alone that keeps failing, and finds out when it is back.
// Why none of npm's: theirs are promises throughout and tell time by the wall clock; here a refusal is a comparison.

export type BreakerState = "closed" | "open" | "half-open";

export interface CircuitBreakerOptions {
  /** Milliseconds of a clock that does not go back. */
  readonly now: () => number;
  /** Failures one after another that open it; default 5. */
  readonly failuresToOpen?: number | undefined;
  /** How long it stays open at first; twice as long after each probe that failed. Default 5 s. */
  readonly firstPauseMs?: number | undefined;
  /** Default 60 s. */
  readonly longestPauseMs?: number | undefined;
  readonly onChange?: ((state: BreakerState) => void) | undefined;
}

export interface CircuitBreaker {
  readonly state: BreakerState;
  /** Whether a lookup may go out now. Once a pause is over one may, as a probe; whoever was let out must tell how it went. */
  admits(): boolean;
  succeeded(): void;
  failed(): void;
}

export function createCircuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  const { now, failuresToOpen = 5, firstPauseMs = 5_000, longestPauseMs = 60_000, onChange } = options;
  let state: BreakerState = "closed";
  let failures = 0;
  let pauseMs = firstPauseMs;
  let openUntil = 0;

  function enter(next: BreakerState): void {
    if (state === next) return;
    state = next;
    onChange?.(next);
  }

  function open(): void {
    openUntil = now() + pauseMs;
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    enter("open");
  }

  return {
    get state() {
      return state;
    },
    admits() {
      if (state === "closed") return true;
      if (state === "half-open" || now() < openUntil) return false;
      enter("half-open");
      return true;
    },
    succeeded() {
      failures = 0;
      pauseMs = firstPauseMs;
      enter("closed");
    },
    // What went out before it opened and fails afterwards says nothing new.
    failed() {
      failures++;
      if (state === "half-open" || (state === "closed" && failures >= failuresToOpen)) open();
    },
  };
}
