// Regular expressions that people write into settings, and the names of their groups.
import { read, type Reading, refuse } from "./reading.ts";

export interface NamedGroups {
  readonly pattern: RegExp;
  /** Such as `rack` of `(?<rack>.+)`. */
  readonly groups: readonly string[];
}

export function parseNamedGroups(text: string): Reading<NamedGroups> {
  try {
    const pattern = new RegExp(text, "u");
    // An alternative that always matches tells of all groups.
    return read({ pattern, groups: Object.keys(new RegExp(`${text}|`, "u").exec("")?.groups ?? {}) });
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error), "correct the expression");
  }
}
