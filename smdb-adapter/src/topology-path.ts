// Topology paths as people write them: `ams1/row4/rack12`, or a list of names.
import { read, type Reading, refuse } from "./reading.ts";
import type { TopologyPath } from "./topology-resolver.ts";

const LONGEST_NAME = 128;
// Names end up in store keys, log lines and URLs.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Reads a path, one name per level; with `levels` given, one for each of them. */
export function parseTopologyPath(
  written: string | readonly string[],
  levels: readonly string[] | undefined,
): Reading<TopologyPath> {
  const names = (typeof written === "string" ? written.split("/") : written).map((name) => name.trim());
  const example = levels?.join("/") ?? "row4/rack12";
  if (names.length === 0 || (names.length === 1 && names[0] === "")) {
    return refuse("has no path", `write where it is, such as ${example}`);
  }
  const problem = names.map(nameProblem).find((found) => found !== undefined);
  if (problem !== undefined) return refuse(problem, `write one name per level with / between them, such as ${example}`);
  if (levels !== undefined && names.length !== levels.length) {
    return refuse(
      `has ${count(names.length)} where ${count(levels.length)} must be`,
      `write ${example}, outermost first, or change LEVELS`,
    );
  }
  return read(names);
}

function nameProblem(name: string): string | undefined {
  if (name === "") return "has a level without a name";
  if (name.includes("/")) return "has a slash within a level's name";
  if (name.length > LONGEST_NAME) return `has a name longer than ${LONGEST_NAME} characters`;
  return UNPRINTABLE.test(name) ? "has a control character in a name" : undefined;
}

function count(levels: number): string {
  return levels === 1 ? "1 level" : `${levels} levels`;
}
