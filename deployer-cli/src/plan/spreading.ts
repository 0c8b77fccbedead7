// How long hosts take to fill each other inside a rack while one of them pulls, and after. Pure; seconds.
import { COMPLETE_TAKERS, FAN_LAG, NARROWEST_FAN, NARROWEST_BRANCHING } from "./measurements.ts";

export interface Spread {
  /** Who are to be filled, beside the one that pulls. */
  readonly mates: number;
  /** For a copy into the group. */
  readonly pullSeconds: number;
  /** For a copy from one host to another that takes all of their links. */
  readonly copySeconds: number;
}

/** What the tracker may be told that a host's link carries ÷ what a rack pulls. Below `NARROWEST_FAN` mates wait for a complete copy. */
export const WIDTHS: readonly number[] = [1, NARROWEST_FAN, 3, NARROWEST_BRANCHING, 6, 8, 12, 16];

/** From when the one that pulls is complete until all are. */
export function secondsBehindPuller(spread: Spread, width: number): number {
  const { mates, pullSeconds } = spread;
  if (mates === 0) return 0;
  return width < NARROWEST_FAN ? secondsFromComplete(spread) : fanSeconds(spread, width) - pullSeconds;
}

/**
 * From the beginning of the pull. The first mates, together, are given a copy from when the one that pulls is so far ahead that
 * it stays ahead until they have it; none gets it faster than it comes in.
 */
function fanSeconds({ mates, pullSeconds, copySeconds }: Spread, width: number): number {
  const first = Math.min(width, mates);
  const begin = Math.min(1, 1 + FAN_LAG.puller - first / width) * pullSeconds;
  const feeding = first * Math.max(copySeconds, pullSeconds / width);
  const rest = secondsFromComplete({ mates: mates - first, copySeconds, complete: 1 + first });
  if (width < NARROWEST_BRANCHING || rest === 0) return begin + feeding + rest;
  const levels = Math.log(mates) / Math.log(width) - 1;
  return begin + feeding + Math.min(rest, FAN_LAG.branch * levels * feeding);
}

interface Serving extends Pick<Spread, "mates" | "copySeconds"> {
  /** Who have all to begin with. */
  readonly complete?: number;
}

/** Those that are complete serve a few mates each, again and again. */
export function secondsFromComplete({ mates, copySeconds, complete = 1 }: Serving): number {
  let seconds = 0;
  for (let sources = complete, waiting = mates; waiting > 0;) {
    const served = Math.min(waiting, COMPLETE_TAKERS * sources);
    seconds += Math.ceil(served / sources) * copySeconds;
    sources += served;
    waiting -= served;
  }
  return seconds;
}
