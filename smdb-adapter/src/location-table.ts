// Prefixes bound to places, built once and then only asked: what the subnet and the file resolver answer from.
import { isMapped, parseIpv4, parseIpv6 } from "./address.ts";
import type { TopologyFault } from "./errors.ts";
import { parsePrefix, type Prefix } from "./prefix.ts";
import { createPrefixTree, type PrefixTree } from "./prefix-tree.ts";
import { createPlaces, type Places, printPath } from "./places.ts";
import type { Location, TopologyPath } from "./topology-resolver.ts";

/** One line of a topology: everything under this prefix is at this place, unless a longer prefix says otherwise. */
export interface PrefixEntry {
  /** CIDR or a single address, as written. */
  readonly prefix: string;
  /**
   * `ams1/row4/rack12`, or a name per level; outermost first. `{1}` to `{4}` stand for the octets of an IPv4 address, `{1}` to
   * `{8}` for the groups of an IPv6 one, in hex.
   */
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

const IPV4_WORDS = 1;
const IPV6_WORDS = 4;

/** Builds the table of all sound entries, and lists what is wrong with the others. */
export function buildLocationTable(
  entries: Iterable<PrefixEntry>,
  options: LocationTableOptions,
): { readonly table: LocationTable; readonly faults: readonly TopologyFault[] } {
  const trees = { ipv4: createPrefixTree(IPV4_WORDS), ipv6: createPrefixTree(IPV6_WORDS) };
  const places = createPlaces(options);
  const firstSources: string[] = [];
  const placeOfEntry: number[] = [];
  const faults: TopologyFault[] = [];

  for (const entry of entries) {
    const { source, prefix: text } = entry;
    const prefix = parsePrefix(text);
    const place = places.intern(entry.path, prefix.ok ? prefix.value.words.length : IPV6_WORDS);
    if (!prefix.ok) faults.push({ source, text, problem: prefix.problem, remedy: prefix.remedy });
    if (!place.ok) faults.push({ source, text: printPath(entry.path), problem: place.problem, remedy: place.remedy });
    if (!prefix.ok || !place.ok) continue;
    const tree = treeOf(trees, prefix.value);
    const earlier = tree.get(prefix.value.words, prefix.value.length);
    if (earlier < 0) {
      tree.insert(prefix.value.words, prefix.value.length, placeOfEntry.length);
      placeOfEntry.push(place.value);
      firstSources.push(source);
    } else if (placeOfEntry[earlier] !== place.value) {
      const said = `${places.print(placeOfEntry[earlier] ?? 0)} at ${firstSources[earlier]}`;
      const problem = `is given two places: ${places.print(place.value)} here and ${said}`;
      faults.push({ source, text, problem, remedy: "keep one of the two lines" });
    }
  }
  trees.ipv4.trim();
  trees.ipv6.trim();
  return { table: createTable(trees, Int32Array.from(placeOfEntry), places), faults };
}

interface Trees {
  readonly ipv4: PrefixTree;
  readonly ipv6: PrefixTree;
}

function treeOf(trees: Trees, prefix: Prefix): PrefixTree {
  return prefix.words.length === IPV4_WORDS ? trees.ipv4 : trees.ipv6;
}

function createTable(trees: Trees, placeOfEntry: Int32Array, places: Places): LocationTable {
  const ipv4 = new Uint32Array(IPV4_WORDS);
  const ipv6 = new Uint32Array(IPV6_WORDS);

  function placeOf(tree: PrefixTree, words: Uint32Array): Location | undefined {
    const entry = tree.find(words);
    return entry < 0 ? undefined : places.at(placeOfEntry[entry] ?? 0, words);
  }

  function locateIpv4(word: number): Location | undefined {
    ipv4[0] = word;
    return placeOf(trees.ipv4, ipv4);
  }

  return {
    prefixCount: placeOfEntry.length,
    locate(address) {
      const word = parseIpv4(address);
      if (word >= 0) return locateIpv4(word);
      if (!parseIpv6(address, ipv6)) return undefined;
      return isMapped(ipv6) ? locateIpv4(ipv6[3] ?? 0) : placeOf(trees.ipv6, ipv6);
    },
  };
}
