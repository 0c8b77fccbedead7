// `late`: a pair meets when one of the two is complete.
import { mayTakeFromComplete } from "./sharing.ts";
import type { Introduction } from "./introduction.ts";

export const late: Introduction = {
  spendsPairs: true,
  mayMeet(scene, source, taker) {
    return scene.swarm.table.isComplete(source) ? mayTakeFromComplete(scene, source, taker) : "source-incomplete";
  },
};
