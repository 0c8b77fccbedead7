// The places that prefixes are bound to. A hundred thousand prefixes name a few thousand places: each is kept once.
import { type AddressTemplate, parseAddressTemplate } from "./address-template.ts";
import { createBoundedMap } from "./cache/bounded-map.ts";
import { read, type Reading } from "./reading.ts";
import { isTemplate } from "./text-template.ts";
import { parseTopologyPath } from "./topology-path.ts";
import type { Location, TopologyPath } from "./topology-resolver.ts";

export interface Places {
  /** The number of the place that a path names; a path with braces is a template for addresses of so many words. */
  intern(written: string | TopologyPath, keyWords: number): Reading<number>;
  /** As it was written. */
  print(place: number): string;
  /** Where an address at this place is: for a place without a template always the same object. */
  at(place: number, words: Uint32Array): Location | undefined;
}

export interface PlacesOptions {
  /** Name of the resolver that the locations are told to come from. */
  readonly resolver: string;
  readonly levels?: readonly string[] | undefined;
}

// A template with an address' last number makes a place of every host; the answers last asked for are kept.
const MOST_FILLED = 65_536;

export function createPlaces({ resolver, levels }: PlacesOptions): Places {
  const locations: Location[] = [];
  const templates: AddressTemplate[] = [];
  const numbers = new Map<string, number>();
  const filled = createBoundedMap<Location>(MOST_FILLED);

  function locationAt(path: TopologyPath): Location {
    return Object.freeze({ path: Object.freeze([...path]), resolver });
  }

  function internPath(written: string | TopologyPath): Reading<number> {
    const path = parseTopologyPath(written, levels);
    if (!path.ok) return path;
    const key = printPath(path.value);
    const place = numbers.get(key) ?? locations.push(locationAt(path.value)) - 1;
    numbers.set(key, place);
    return read(place);
  }

  /** Templates have the numbers below 0, so that a place without one costs a comparison. */
  function internTemplate(written: string | TopologyPath, keyWords: number): Reading<number> {
    const template = parseAddressTemplate(written, keyWords, levels);
    if (!template.ok) return template;
    const key = `${keyWords} ${template.value.text}`;
    const place = numbers.get(key) ?? ~(templates.push(template.value) - 1);
    numbers.set(key, place);
    return read(place);
  }

  function fill(template: AddressTemplate | undefined, words: Uint32Array): Location | undefined {
    if (template === undefined) return undefined;
    const key = template.fill(words);
    const known = filled.get(key);
    if (known !== undefined) return known;
    const location = locationAt(key.split("/"));
    filled.set(key, location);
    return location;
  }

  return {
    intern: (written, keyWords) =>
      isTemplate(printPath(written)) ? internTemplate(written, keyWords) : internPath(written),
    print: (place) => (place < 0 ? (templates[~place]?.text ?? "") : printPath(locations[place]?.path ?? [])),
    at: (place, words) => (place < 0 ? fill(templates[~place], words) : locations[place]),
  };
}

export function printPath(path: string | TopologyPath): string {
  return typeof path === "string" ? path : path.join("/");
}
