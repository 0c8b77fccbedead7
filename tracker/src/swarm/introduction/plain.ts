// `plain`: everybody meets at once; for clients that tell their pieces promptly.
import { isActive } from "../activity.ts";
import type { Introduction } from "./introduction.ts";

export const plain: Introduction = {
  mayMeet: () => "meet",
  isSettled: () => false,
};

/**
 * For a late taker of a prompt source: at once too, but such a pair connects only once, so it is not spent on a source that may
 * fall behind: it must be complete, or pull for its group.
 */
export const plainOnce: Introduction = {
  mayMeet({ swarm, circle, now }, source) {
    const leads = circle.parent === undefined || isActive(swarm, source, circle, now);
    return leads || swarm.table.isComplete(source) ? "meet" : "source-not-active";
  },
  isSettled: () => false,
};
