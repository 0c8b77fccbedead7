// Where a host of an inventory is: a name for each level, from its variables, else from the names of its groups.
import type { TopologyPath } from "../../topology-resolver.ts";
import { isTemplate } from "../../text-template.ts";
import type { InventoryHost } from "./inventory.ts";

export interface HostPlaceOptions {
  readonly levels: readonly string[];
  /** The variable that names a level, by level. */
  readonly variables: ReadonlyMap<string, string>;
  /** With groups named as levels. */
  readonly groupPatterns: readonly RegExp[];
}

export interface HostPlace {
  /** Undefined when a level is missing. */
  readonly path: TopologyPath | undefined;
  readonly missing: readonly string[];
  /** Levels for which its groups have several names; the first is taken. */
  readonly ambiguous: readonly string[];
}

export function placeHost(host: InventoryHost, options: HostPlaceOptions): HostPlace {
  const names = options.levels.map((level) => levelNames(host, level, options));
  const path = names.map(([first]) => first).filter((name) => name !== undefined);
  const missing = options.levels.filter((_level, index) => names[index]?.length === 0);
  const ambiguous = options.levels.filter((_level, index) => (names[index]?.length ?? 0) > 1);
  return { path: missing.length === 0 ? path : undefined, missing, ambiguous };
}

/** One by a variable, or all by groups, sorted. */
function levelNames(host: InventoryHost, level: string, { variables, groupPatterns }: HostPlaceOptions): string[] {
  const own = nameOf(host.variables[variables.get(level) ?? level]);
  if (own !== undefined) return [own];
  const named = host.groups.flatMap((group) => groupPatterns.map((pattern) => pattern.exec(group)?.groups?.[level]));
  return [...new Set(named.map(nameOf).filter((name) => name !== undefined))].sort();
}

/** Jinja in a variable is not filled in by `ansible-inventory`, and so names nothing. */
function nameOf(value: unknown): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const name = String(value).trim();
  return name === "" || isTemplate(name) ? undefined : name;
}
