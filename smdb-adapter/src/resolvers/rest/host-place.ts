// Where the hosts that a service told of are: one place, whatever the data says.
import { parseTopologyPath } from "../../topology-path.ts";
import type { TopologyPath } from "../../topology-resolver.ts";
import { findAll, type JsonPointer } from "./json-pointer.ts";
import { type FoundHost, nameFrom, type OnFault } from "./lookup.ts";
import type { LookupPlan } from "./lookup-plan.ts";

interface PlaceOptions {
  readonly plan: LookupPlan;
  /** Of the topology. */
  readonly levels: readonly string[] | undefined;
  readonly onFault: OnFault;
}

const MOST_NAMED = 5;

/** The place of the first host by name that has one; always the same for the same data. */
export function choosePlace(found: readonly FoundHost[], options: PlaceOptions): TopologyPath | undefined {
  const hosts = found.toSorted((one, other) => compare(one.name, other.name));
  if (hosts.length > 1) {
    const named = hosts.slice(0, MOST_NAMED).map(({ name }) => quote(name));
    const more = hosts.length > MOST_NAMED ? `, and ${hosts.length - MOST_NAMED} more` : "";
    const problem = `${hosts[0]?.url} tells of several servers: ${named.join(", ")}${more}; the first by name counts`;
    options.onFault("several-servers", problem);
  }
  for (const host of hosts) {
    const place = placeOf(host, options);
    if (place !== undefined) return place;
  }
  return undefined;
}

function placeOf(host: FoundHost, { plan, levels, onFault }: PlaceOptions): TopologyPath | undefined {
  const told = `${host.url} tells of ${quote(host.name)}`;
  const names: string[] = [];
  for (const { level, text, pointer } of plan.levels) {
    const [name, ...others] = namesAt(host.value, pointer);
    const where = `at ${text || "the host itself"} for the level ${level}`;
    if (name === undefined) {
      onFault("place-missing", `${told} without a name ${where}; it counts as unknown`);
      return undefined;
    }
    if (others.length > 0) onFault("several-places", `${told} with several names ${where}; ${quote(name)} counts`);
    names.push(name);
  }
  const path = parseTopologyPath(names, levels);
  if (path.ok) return path.value;
  onFault("path-faulty", `${told} in ${quote(names.join(" / "))}, which ${path.problem}; it counts as unknown`);
  return undefined;
}

/** In order, each once. */
function namesAt(value: unknown, pointer: JsonPointer): string[] {
  const names = findAll(value, pointer).map((match) => nameFrom(match.value));
  return [...new Set(names)].filter((name) => name !== undefined).sort(compare);
}

function quote(name: string): string {
  return JSON.stringify(name);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
