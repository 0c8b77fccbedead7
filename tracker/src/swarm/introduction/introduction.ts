// When a pair may meet: the interface of the introduction rules.
import type { Group } from "../group.ts";
import type { Swarm } from "../swarm.ts";

/** Why a pair meets or does not; `VERDICTS` says it in words. */
export type Verdict = keyof typeof VERDICTS;

export const VERDICTS = {
  meet: "they may meet now",
  "source-incomplete": "the one that is ahead is not complete yet",
  "source-busy": "the one that is ahead serves as many as it may at a time",
  "source-not-active": "the one that is ahead does not pull for its group",
  "not-ahead": "the one that is ahead is not far enough ahead to keep the pair from running dry",
  reserve: "too few wait for the one that is ahead: alone they would catch up with it and run dry",
  served: "the one that is behind has a source and gets on",
} as const;

/** Where a pair would meet. */
export interface Scene {
  readonly swarm: Swarm;
  /** The rack, or the wider group whose child groups the two represent. */
  readonly circle: Group;
  readonly now: number;
}

/**
 * One way to bring peers together. `source` is the one with less `left`, `taker` an incomplete peer; both are live, and the
 * rule of *who* allows the pair. Pure: reads the scene, changes nothing.
 */
export interface Introduction {
  mayMeet(scene: Scene, source: number, taker: number): Verdict;
  /**
   * Whether the announcing peer meets nobody in this circle who is incomplete, as far as this rule holds for the pair: neither as
   * its source nor as its taker. Says early what `mayMeet` would find out for each.
   */
  isSettled(scene: Scene, announcer: number): boolean;
}
