// Where a kind of record says that a host is; and which of several such statements counts.
import type { Reading } from "../../reading.ts";
import type { TopologyPath } from "../../topology-resolver.ts";
import type { HostLookup } from "./host-lookup.ts";

export interface Sighting {
  readonly path: TopologyPath;
  readonly ttlSeconds: number | undefined;
}

/** Looks for a host in one kind of record; undefined when there is none that says where it is. */
export type Sight = (host: HostLookup) => Promise<Sighting | undefined>;

/** The first of all places in the order of their text, so that every tracker takes the same. */
export function onePlace(paths: readonly TopologyPath[], host: HostLookup, source: string): TopologyPath | undefined {
  const places = new Map(paths.map((path) => [path.join("/"), path]));
  const texts = [...places.keys()].sort();
  const [first] = texts;
  if (first === undefined) return undefined;
  if (texts.length > 1) {
    host.blame("several-places", `${source} says that it is at ${texts.join(" and at ")}; ${first} is taken`);
  }
  return places.get(first);
}

/** The path if it is sound; what is wrong with it is told otherwise. */
export function soundPath(path: Reading<TopologyPath>, host: HostLookup, source: string): TopologyPath | undefined {
  if (path.ok) return path.value;
  host.blame("path-refused", `the path by ${source} ${path.problem}; ${path.remedy}`);
  return undefined;
}

export function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}
