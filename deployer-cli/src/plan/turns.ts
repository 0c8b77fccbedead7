// When each rack's turn comes where the origin cannot feed all of them at a time: racks pass their copy on. Pure; seconds.
import { CHAIN_LAG } from "./measurements.ts";

export interface Turns {
  /** How many the origin feeds at a time. */
  readonly fedByOrigin: number;
  /** For a copy into each rack or datacenter, the shortest first. */
  readonly pullSeconds: readonly number[];
  /** What it takes until the tracker can tell a host of another. */
  readonly introductionSeconds: number;
}

/** When each turn begins, the first at 0. Whose turn is whose is for the order in which hosts ask; the quicker ones go first here. */
export function turnStarts({ fedByOrigin, pullSeconds, introductionSeconds }: Turns): number[] {
  const starts: number[] = [];
  // Both queues are in order of time by themselves, because starts and pulls are.
  const passing: number[] = [];
  const freed: number[] = [];
  let [passed, reused] = [0, 0];
  for (const pull of pullSeconds) {
    const start = starts.length < fedByOrigin ? 0 : Math.min(passing[passed] ?? Infinity, freed[reused] ?? Infinity);
    if (start > 0 && start === passing[passed]) passed++;
    else if (start > 0) reused++;
    starts.push(start);
    // A rack passes its copy on while it pulls; who fed it is free for another when it is done.
    passing.push(start + CHAIN_LAG * pull + introductionSeconds);
    freed.push(start + pull + introductionSeconds);
  }
  return starts;
}
