// CSV with a header: a column `address`, `cidr` or `prefix`, and either `path` or one column per level.
import { CsvError, parse } from "csv-parse/sync";
import type { TopologyFault } from "../errors.ts";
import type { PrefixEntry } from "../location-table.ts";
import type { ParsedTopology, TopologyText } from "./parsed-topology.ts";

interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
}

interface Columns {
  readonly width: number;
  readonly prefix: number;
  /** One index of a `path` column, or one per level. */
  readonly path: readonly number[];
}

const PREFIX_COLUMNS = new Set(["address", "cidr", "prefix"]);
const EXAMPLE = "such as prefix,path or prefix,dc,rack";

export function parseCsvTopology(input: TopologyText): ParsedTopology {
  const { records, fault } = readRecords(input);
  const [header, ...rows] = records;
  const faults: TopologyFault[] = fault === undefined ? [] : [fault];
  if (header === undefined) return { entries: [], faults };
  const columns = readHeader(header, input);
  if ("problem" in columns) return { entries: [], faults: [columns, ...faults] };
  const entries: PrefixEntry[] = [];
  for (const row of rows) {
    const source = `${input.file}:${row.line}`;
    if (row.fields.length !== columns.width) {
      const problem = `has ${row.fields.length} fields where the header has ${columns.width}`;
      faults.push({ source, text: row.fields.join(","), problem, remedy: "give one value per column" });
    } else {
      entries.push({ prefix: row.fields[columns.prefix] ?? "", path: pathOf(row, columns), source });
    }
  }
  return { entries, faults };
}

/** All records up to the first one that cannot be told apart, an open quote being the usual reason. */
function readRecords({ file, text }: TopologyText): { records: CsvRecord[]; fault: TopologyFault | undefined } {
  const records: CsvRecord[] = [];
  try {
    parse(text, {
      comment: "#",
      comment_no_infix: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      on_record: (fields: string[], { lines }) => {
        records.push({ line: lines, fields });
        return null;
      },
    });
    return { records, fault: undefined };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number(error["lines"] ?? 1);
    const source = `${file}:${line}`;
    const shown = text.split("\n")[line - 1]?.trim() ?? "";
    return {
      records,
      fault: { source, text: shown, problem: `is not CSV: ${error.message}`, remedy: "correct the quoting (RFC 4180)" },
    };
  }
}

function readHeader({ line, fields }: CsvRecord, { file, levels }: TopologyText): Columns | TopologyFault {
  const names = fields.map((name) => name.toLowerCase());
  const refuse = (problem: string, remedy: string) => ({
    source: `${file}:${line}`,
    text: fields.join(","),
    problem,
    remedy,
  });
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return refuse(`has the column ${JSON.stringify(twice)} twice`, "name each column once");
  const prefix = names.findIndex((name) => PREFIX_COLUMNS.has(name));
  if (prefix < 0) return refuse("has no column address, cidr or prefix", `start the file with a header ${EXAMPLE}`);
  const width = fields.length;
  if (names.includes("path")) return { width, prefix, path: [names.indexOf("path")] };
  if (levels === undefined) {
    const path = [...names.keys()].filter((index) => !PREFIX_COLUMNS.has(names[index] ?? ""));
    return path.length > 0 ? { width, prefix, path } : refuse("has no column for the path", `add one, ${EXAMPLE}`);
  }
  const path = levels.map((level) => names.indexOf(level.toLowerCase()));
  const missing = levels.filter((_level, index) => (path[index] ?? -1) < 0);
  if (missing.length === 0) return { width, prefix, path };
  return refuse(`has no column for ${missing.join(", ")}`, `add it, or one column path with ${levels.join("/")}`);
}

function pathOf({ fields }: CsvRecord, { path }: Columns): string | readonly string[] {
  const [only = -1] = path;
  return path.length === 1 ? (fields[only] ?? "") : path.map((column) => fields[column] ?? "");
}
