// Prefixes bound to places, built once and then only asked: what the subnet and the file resolver answer from.
import { isMapped, parseIpv4, parseIpv6 } from "./address.ts";
import type { TopologyFault } from "./errors.ts";
import { parsePrefix, type Prefix } from "./prefix.ts";
import { createPrefixTree, type PrefixTree } from "./prefix-tree.ts";
import { parseTopologyPath } from "./topology-path.ts";
import type { Location, TopologyPath } from "./topology-resolver.ts";

/** One line of a topology: everything under this prefix is at this place, unless a longer prefix says otherwise. */
export interface PrefixEntry {
  /** CIDR or a single address, as written. */
  readonly prefix: string;
  /** `ams1/row4/rack12`, or a name per level; outermost first. */
  readonly path: string | TopologyPath;
  /** Where this was written, for messages: `topology.txt:12`. */
  readonly source: string;
}

export interface LocationTable {
  readonly prefixCount: number;
  locate(address: string): Location | undefined;
}

export interface LocationTableOptions {
  /** Name of the resolver that the locations are told to come from. */
  readonly resolver: string;
  /** Names of the levels, outermost first; paths of another depth are refused. Any depth goes when left out. */
  readonly levels?: readonly string[] | undefined;
}

/** Builds the table of all sound entries, and lists what is wrong with the others. */
export function buildLocationTable(
  entries: Iterable<PrefixEntry>,
  options: LocationTableOptions,
): { readonly table: LocationTable; readonly faults: readonly TopologyFault[] } {
  const trees = { ipv4: createPrefixTree(1), ipv6: createPrefixTree(4) };
  const places = createPlaces(options.resolver);
  const firstSources: string[] = [];
  const placeOfEntry: number[] = [];
  const faults: TopologyFault[] = [];

  for (const entry of entries) {
    const { source, prefix: text } = entry;
    const prefix = parsePrefix(text);
    const path = parseTopologyPath(entry.path, options.levels);
    if (!prefix.ok) faults.push({ source, text, problem: prefix.problem, remedy: prefix.remedy });
    if (!path.ok) faults.push({ source, text: printPath(entry.path), problem: path.problem, remedy: path.remedy });
    if (!prefix.ok || !path.ok) continue;
    const tree = treeOf(trees, prefix.value);
    const place = places.intern(path.value);
    const earlier = tree.get(prefix.value.words, prefix.value.length);
    if (earlier < 0) {
      tree.insert(prefix.value.words, prefix.value.length, placeOfEntry.length);
      placeOfEntry.push(place);
      firstSources.push(source);
    } else if (placeOfEntry[earlier] !== place) {
      const said = printPath(places.locations[placeOfEntry[earlier] ?? 0]?.path ?? []);
      const problem = `is given two places: ${printPath(path.value)} here and ${said} at ${firstSources[earlier]}`;
      faults.push({ source, text, problem, remedy: "keep one of the two lines" });
    }
  }
  trees.ipv4.trim();
  trees.ipv6.trim();
  return { table: createTable(trees, Int32Array.from(placeOfEntry), places.locations), faults };
}

interface Trees {
  readonly ipv4: PrefixTree;
  readonly ipv6: PrefixTree;
}

function treeOf(trees: Trees, prefix: Prefix): PrefixTree {
  return prefix.words.length === 1 ? trees.ipv4 : trees.ipv6;
}

/** A hundred thousand prefixes name a few thousand places: each is kept once, and answered with as it is. */
function createPlaces(resolver: string) {
  const locations: Location[] = [];
  const indexes = new Map<string, number>();
  function intern(path: TopologyPath): number {
    const key = printPath(path);
    const known = indexes.get(key);
    if (known !== undefined) return known;
    indexes.set(key, locations.length);
    return locations.push(Object.freeze({ path: Object.freeze([...path]), resolver })) - 1;
  }
  return { locations, intern };
}

function createTable(trees: Trees, placeOfEntry: Int32Array, locations: readonly Location[]): LocationTable {
  const ipv4 = new Uint32Array(1);
  const ipv6 = new Uint32Array(4);

  function find(address: string): number {
    const word = parseIpv4(address);
    if (word >= 0) return findIpv4(word);
    if (!parseIpv6(address, ipv6)) return -1;
    return isMapped(ipv6) ? findIpv4(ipv6[3] ?? 0) : trees.ipv6.find(ipv6);
  }

  function findIpv4(word: number): number {
    ipv4[0] = word;
    return trees.ipv4.find(ipv4);
  }

  return {
    prefixCount: placeOfEntry.length,
    locate(address) {
      const entry = find(address);
      return entry < 0 ? undefined : locations[placeOfEntry[entry] ?? -1];
    },
  };
}

function printPath(path: string | TopologyPath): string {
  return typeof path === "string" ? path : path.join("/");
}
