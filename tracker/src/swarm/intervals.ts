// When a client is asked to come back.
import type { SwarmPolicy } from "./policy.ts";

/** Part of the interval by which answers differ, so that a fleet started at once does not announce at once for ever. */
const JITTER = 0.1;

/** `ACTIVE_INTERVAL` ± 10 %, in whole seconds, at least 1; `interval` and `min interval` alike. */
export function activeIntervalSeconds(policy: SwarmPolicy, random: () => number): number {
  return jittered(policy.activeIntervalSeconds, random);
}

export function jittered(seconds: number, random: () => number): number {
  return Math.max(1, Math.round(seconds * (1 + JITTER * (2 * random() - 1))));
}
