// A topology file on disk: read, parsed and judged as a whole.
import { TopologyError, type TopologyFault } from "../errors.ts";
import { buildLocationTable, type LocationTable } from "../location-table.ts";
import type { ParsedTopology } from "./parsed-topology.ts";
import { readTextFile } from "./text-file.ts";
import { parseTopology, type TopologyFormat, topologyFormat } from "./topology-text.ts";

/** The text of a topology file; throws `TOPOLOGY_FILE_UNREADABLE`. */
export async function readTopologyFile(file: string): Promise<string> {
  try {
    return await readTextFile(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TopologyError({ code: "TOPOLOGY_FILE_UNREADABLE", problem: `cannot read ${file}: ${reason}`, cause });
  }
}

export interface TopologyFileInput {
  readonly file: string;
  readonly text: string;
  /** By extension, else by content, when left out. */
  readonly format?: TopologyFormat | undefined;
  readonly levels?: readonly string[] | undefined;
  /** Name of the resolver that answers from the table. */
  readonly resolver: string;
}

/** The table that a file's text holds; throws `TOPOLOGY_FILE_FAULTY` with everything that is wrong with it. */
export function loadTopology(input: TopologyFileInput): LocationTable {
  const { file, levels, resolver } = input;
  const parsed = parseText(input);
  const { table, faults } = buildLocationTable(parsed.entries, { resolver, levels });
  const all = [...parsed.faults, ...faults].sort(byLine);
  if (all.length > 0) {
    const problem = `${file} has ${all.length === 1 ? "a fault" : `${all.length} faults`}`;
    throw new TopologyError({ code: "TOPOLOGY_FILE_FAULTY", problem, faults: all });
  }
  if (table.prefixCount === 0) {
    const problem = `${file} is empty: it names no prefix`;
    throw new TopologyError({ code: "TOPOLOGY_FILE_FAULTY", problem, remedy: "add a line such as 10.77.1.0/24 rack1" });
  }
  return table;
}

function parseText({ file, text, format, levels }: TopologyFileInput): ParsedTopology {
  try {
    return parseTopology(format ?? topologyFormat(file, text), { file, text, levels });
  } catch (cause) {
    // The parsers list what they dislike; what they throw of is a text made to break them, such as endless nesting.
    throw new TopologyError({
      code: "TOPOLOGY_FILE_FAULTY",
      problem: `${file} cannot be parsed: ${String(cause)}`,
      cause,
    });
  }
}

function byLine(one: TopologyFault, other: TopologyFault): number {
  return lineOf(one) - lineOf(other);
}

function lineOf({ source }: TopologyFault): number {
  return Number(source.slice(source.lastIndexOf(":") + 1));
}
