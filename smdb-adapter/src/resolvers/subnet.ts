// The `subnet` resolver: places by longest prefix, from a list that is known at start.
import { Type } from "typebox";
import { TopologyError } from "../errors.ts";
import { buildLocationTable, type PrefixEntry } from "../location-table.ts";
import { defineResolverKind } from "../resolver-kind.ts";
import type { Location, TopologyResolver } from "../topology-resolver.ts";

export interface SubnetResolverOptions {
  readonly prefixes: Iterable<PrefixEntry>;
  /** Names of the levels, outermost first; paths of another depth are refused. Any depth goes when left out. */
  readonly levels?: readonly string[] | undefined;
  /** Default `subnet`. */
  readonly name?: string | undefined;
}

export interface SubnetResolver extends TopologyResolver {
  readonly prefixCount: number;
  /** Always at once. */
  locate(address: string): Location | undefined;
}

/** Throws `TOPOLOGY_PREFIXES_FAULTY` with every fault of every entry. */
export function createSubnetResolver({ prefixes, levels, name = "subnet" }: SubnetResolverOptions): SubnetResolver {
  const { table, faults } = buildLocationTable(prefixes, { resolver: name, levels });
  if (faults.length > 0) {
    const problem = `resolver ${name}: ${faults.length === 1 ? "a prefix is" : `${faults.length} prefixes are`} refused`;
    throw new TopologyError({ code: "TOPOLOGY_PREFIXES_FAULTY", problem, faults });
  }
  return { name, prefixCount: table.prefixCount, locate: table.locate, reload: async () => {}, close: async () => {} };
}

export const subnetKind = defineResolverKind({
  type: "subnet",
  isLocal: true,
  settings: Type.Object({
    prefixes: Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())]), {
      description: "the path of each prefix, such as {10.77.1.0/24: rack1}",
    }),
  }),
  async start({ prefixes }, { name, levels }) {
    const entries = Object.entries(prefixes).map(([prefix, path]) => ({ prefix, path, source: "prefixes" }));
    return createSubnetResolver({ prefixes: entries, levels, name });
  },
});
