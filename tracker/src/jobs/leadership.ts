// Which tracker runs the jobs: at most one at a time.

declare const brand: unique symbol;

/**
 * Grows with every tracker that takes the jobs over. A job writes it beside what nothing else protects, so that a write which comes
 * late, from a tracker that was paused, is refused.
 */
export type FencingToken = number & { readonly [brand]: "FencingToken" };

/** The time for which this tracker has the jobs. */
export interface Term {
  readonly token: FencingToken;
  /** Aborted when the jobs are another tracker's from now on. */
  readonly signal: AbortSignal;
}

export interface Leadership {
  /** Undefined while the jobs are not this tracker's; without a promise. */
  term(): Term | undefined;
}

const FOREVER: Term = { token: 1 as FencingToken, signal: new AbortController().signal };

/** For a tracker that shares its swarms with none. */
export const LEADS_ALWAYS: Leadership = { term: () => FOREVER };
