// The levels of a policy and their caps as text: `dc:4:1,row:2:1,rack:2:1` (name, representatives, active ones), outermost first.
import type { LevelPolicy } from "../../swarm/policy.ts";

export function levelsText(levels: readonly LevelPolicy[]): string {
  return levels
    .map(
      ({ name, maxRepresentatives, activeRepresentatives }) => `${name}:${maxRepresentatives}:${activeRepresentatives}`,
    )
    .join(",");
}

/** Undefined for any other text. */
export function parseLevels(text: string): LevelPolicy[] | undefined {
  const levels = text.split(",").map((level) => {
    const [, name = "", most, active] = /^([^:]+):(\d+):(\d+)$/.exec(level) ?? [];
    return { name, maxRepresentatives: Number(most), activeRepresentatives: Number(active) };
  });
  const isWhole = levels.every(
    ({ maxRepresentatives, activeRepresentatives }) => maxRepresentatives >= 1 && activeRepresentatives >= 1,
  );
  return isWhole ? levels : undefined;
}
