// Where an address is, and how we know.
import type { Location } from "./topology-resolver.ts";

export interface TopologyExplanation {
  /**
   * `failed`: who was asked failed, and nothing is remembered from before. `late`: there was no answer in the time that an
   * announce waits, and nothing is remembered.
   */
  readonly outcome: "known" | "unknown" | "failed" | "late";
  /** Undefined unless it is known. */
  readonly location: Location | undefined;
  /** Whether this was known before it was asked for. */
  readonly cached: boolean;
  /** Since the resolver said so; `undefined` when it has not answered. */
  readonly ageSeconds: number | undefined;
  /** Why the last lookup failed, and what to do; an answer beside it is an older one that stands in. */
  readonly error: string | undefined;
}
