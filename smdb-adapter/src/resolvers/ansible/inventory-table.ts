// From an inventory to the table of places: hosts by their addresses, and what is wrong with the others.
import { TopologyError, type TopologyFault } from "../../errors.ts";
import { buildLocationTable, type LocationTable, type PrefixEntry } from "../../location-table.ts";
import type { ResolverContext } from "../../resolver-kind.ts";
import { parseTopologyPath } from "../../topology-path.ts";
import type { HostAddresses } from "./host-addresses.ts";
import { type HostPlaceOptions, placeHost } from "./host-place.ts";
import type { InventoryHost } from "./inventory.ts";

export interface InventoryTableOptions {
  readonly hosts: readonly InventoryHost[];
  /** The inventory in messages. */
  readonly source: string;
  readonly place: HostPlaceOptions;
  readonly addressesOf: HostAddresses;
  readonly context: ResolverContext;
}

export interface InventoryTable {
  readonly table: LocationTable;
  /** What leaves single hosts unknown or ambiguous: the name of each fault, and the hosts that have it. */
  readonly faults: ReadonlyMap<InventoryFault, readonly string[]>;
}

export type InventoryFault = "host-without-address" | "host-without-level" | "several-places" | "path-refused";

/** Throws `TOPOLOGY_FILE_FAULTY` when hosts contradict each other, or nothing is left of them. */
export async function buildInventoryTable(options: InventoryTableOptions): Promise<InventoryTable> {
  const { hosts, source, place, addressesOf, context } = options;
  const faults = new Map<InventoryFault, string[]>();
  const blame = (fault: InventoryFault, host: string) => faults.set(fault, [...(faults.get(fault) ?? []), host]);

  async function entriesOf(host: InventoryHost): Promise<readonly PrefixEntry[]> {
    const { path, missing, ambiguous } = placeHost(host, place);
    if (path === undefined) {
      blame("host-without-level", `${host.name} (${missing.join(", ")})`);
      return [];
    }
    const sound = parseTopologyPath(path, context.levels);
    if (!sound.ok) {
      blame("path-refused", `${host.name} (${JSON.stringify(path.join("/"))} ${sound.problem})`);
      return [];
    }
    if (ambiguous.length > 0) blame("several-places", `${host.name} (${ambiguous.join(", ")})`);
    const addresses = await addressesOf(host);
    if (addresses.length === 0) blame("host-without-address", host.name);
    return addresses.map((prefix) => ({ prefix, path, source: `${source}: host ${host.name}` }));
  }

  const entries = (await Promise.all(hosts.map(entriesOf))).flat();
  const built = buildLocationTable(entries, { resolver: context.name, levels: context.levels });
  if (built.faults.length > 0) throw faulty(source, built.faults);
  if (built.table.prefixCount === 0) throw placeless(source, hosts.length, faults);
  return { table: built.table, faults };
}

function faulty(source: string, faults: readonly TopologyFault[]): TopologyError {
  const count = faults.length === 1 ? "a fault" : `${faults.length} faults`;
  return new TopologyError({ code: "TOPOLOGY_FILE_FAULTY", problem: `inventory ${source} has ${count}`, faults });
}

function placeless(source: string, hosts: number, faults: InventoryTable["faults"]): TopologyError {
  const reasons = [...faults].map(([fault, names]) => `; ${faultText(fault, names)}`).join("");
  return new TopologyError({
    code: "TOPOLOGY_FILE_FAULTY",
    problem: `inventory ${source} says of none of its ${hosts} hosts where it is${reasons}`,
    remedy: "name the variables or groups that hold the levels, and the variables that hold addresses",
  });
}

const FAULT_TEXTS: Readonly<Record<InventoryFault, string>> = {
  "host-without-address": "without an address",
  "host-without-level": "without a level in variables and groups",
  "path-refused": "in a place of no sound name",
  "several-places": "in several groups of one level, of which the first counts",
};
const MOST_NAMES = 5;

/** Such as `3 hosts without an address: web1, web2, web3`. */
export function faultText(fault: InventoryFault, hosts: readonly string[]): string {
  const shown = hosts.slice(0, MOST_NAMES).join(", ");
  const more = hosts.length > MOST_NAMES ? ` and ${hosts.length - MOST_NAMES} more` : "";
  return `${hosts.length === 1 ? "1 host" : `${hosts.length} hosts`} ${FAULT_TEXTS[fault]}: ${shown}${more}`;
}
