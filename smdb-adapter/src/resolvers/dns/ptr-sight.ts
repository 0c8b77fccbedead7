// Where the name of a host says that it is: `web1.r12.ams1.example.` by a pattern with named groups.
import { TopologyError } from "../../errors.ts";
import { fillTemplate, type TextTemplate } from "../../text-template.ts";
import { parseTopologyPath } from "../../topology-path.ts";
import type { TopologyPath } from "../../topology-resolver.ts";
import type { HostLookup } from "./host-lookup.ts";
import { createNameMatch } from "./name-pattern.ts";
import { isDefined, onePlace, type Sight, soundPath } from "./sighting.ts";

export interface PtrSightOptions {
  readonly pattern: RegExp;
  /** What the path is made of; a group for each level when undefined. */
  readonly path: TextTemplate | undefined;
  readonly groups: readonly string[];
  readonly levels: readonly string[] | undefined;
}

export function createPtrSight({ pattern, path, groups, levels }: PtrSightOptions): Sight {
  const matchName = createNameMatch(pattern);

  function match(name: string) {
    try {
      return matchName(`${name}.`) ?? matchName(name);
    } catch (cause) {
      const problem = `matching the pattern with ${name} took too long`;
      const remedy = "write one without repetitions within repetitions, with [^.]+ rather than .+";
      throw new TopologyError({ code: "RESOLVER_FAILED", problem, remedy, cause });
    }
  }

  function pathOf(name: string, host: HostLookup): TopologyPath | undefined {
    const found = match(name);
    if (found === undefined) return undefined;
    const textOf = (group: string) => found[group] ?? "";
    const written = path === undefined ? groups.map(textOf) : fillTemplate(path, textOf);
    return soundPath(parseTopologyPath(written, levels), host, `the PTR name ${name}`);
  }

  return async (host) => {
    const { values: names, ttlSeconds } = await host.ptrNames();
    if (names.length === 0) return undefined;
    const place = onePlace(names.map((name) => pathOf(name, host)).filter(isDefined), host, names.join(", "));
    if (place === undefined) {
      return host.blame("name-without-place", `the pattern finds no place in its PTR name ${names.join(", ")}`);
    }
    return { path: place, ttlSeconds };
  };
}
