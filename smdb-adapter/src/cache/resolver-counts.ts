// What is counted of one resolver: plain numbers, so that counting costs an increment and whoever wants them reads them.

export interface ResolverCounts {
  /** What lookups came to. */
  known: number;
  unknown: number;
  failed: number;
  timeout: number;
  /** Not sent out, as the circuit breaker was open. */
  rejected: number;
  /** Not sent out, as too many others were for too long. */
  late: number;
  /** Answered from memory while it was fresh. */
  hits: number;
  /** Not remembered, so that it was looked up, or could not be now. */
  misses: number;
  /** Answered with what was known before, as the lookup failed or was late. */
  stale: number;
  /** Looked up again ahead of expiry. */
  refreshes: number;
}

export type LookupResult = "known" | "unknown" | "failed" | "timeout" | "rejected" | "late";

export function createResolverCounts(): ResolverCounts {
  return {
    known: 0,
    unknown: 0,
    failed: 0,
    timeout: 0,
    rejected: 0,
    late: 0,
    hits: 0,
    misses: 0,
    stale: 0,
    refreshes: 0,
  };
}
