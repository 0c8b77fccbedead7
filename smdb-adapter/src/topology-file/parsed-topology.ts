// What goes into the parser of each format of topology files, and what comes out.
import type { TopologyFault } from "../errors.ts";
import type { PrefixEntry } from "../location-table.ts";

/** What a format's parser is given. */
export interface TopologyText {
  /** Name of the file, for messages. */
  readonly file: string;
  readonly text: string;
  /** Names of the levels, outermost first; the CSV columns to take when given. */
  readonly levels?: readonly string[] | undefined;
}

/** What a format's parser found. Prefixes and paths are still as written; the table judges them. */
export interface ParsedTopology {
  readonly entries: readonly PrefixEntry[];
  readonly faults: readonly TopologyFault[];
}
