// `late`: a pair meets when one of the two is complete.
import { mayServe, mayTakeFromComplete } from "./sharing.ts";
import type { Introduction } from "./introduction.ts";

export const late: Introduction = {
  mayMeet(scene, source, taker) {
    return scene.swarm.table.isComplete(source) ? mayTakeFromComplete(scene, source, taker) : "source-incomplete";
  },
  isSettled: (scene, announcer) => !scene.swarm.table.isComplete(announcer) || !mayServe(scene, announcer),
};
