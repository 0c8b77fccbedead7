// What the introduction rules ask of the announcing peer again and again, worked out once while nothing changes.
import type { Scene } from "./introduction.ts";

type Question = "takers" | "innerTakers" | "allTakers" | "waiting" | "source" | "partialSource" | "gettingOn";

/** Answers about one peer in one circle at one time, as numbers: counts, or 1 for yes. */
export class Facts {
  #slot = -1;
  #circle: unknown;
  #now = -1;
  #changes = -1;
  #known = nothing();

  /** The answer, remembered where the question is about the announcing peer. `find` must depend on nothing else. */
  get(scene: Scene, slot: number, question: Question, find: (scene: Scene, slot: number) => number): number {
    const { swarm, circle, now } = scene;
    if (slot !== swarm.announcer) return find(scene, slot);
    const isSame =
      slot === this.#slot && circle === this.#circle && now === this.#now && swarm.changes === this.#changes;
    if (!isSame) {
      this.#slot = slot;
      this.#circle = circle;
      this.#now = now;
      this.#changes = swarm.changes;
      this.#known = nothing();
    }
    const known = this.#known[question];
    return known >= 0 ? known : (this.#known[question] = find(scene, slot));
  }
}

function nothing(): Record<Question, number> {
  return { takers: -1, innerTakers: -1, allTakers: -1, waiting: -1, source: -1, partialSource: -1, gettingOn: -1 };
}
