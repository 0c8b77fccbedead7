// The plain format: `10.77.1.0/24 ams1/row4/rack12` on each line, `#` before a comment.
import type { TopologyFault } from "../errors.ts";
import type { PrefixEntry } from "../location-table.ts";
import type { ParsedTopology, TopologyText } from "./parsed-topology.ts";

const REMEDY = "write a prefix, white space and a path without white space, such as 10.77.1.0/24 rack1";

export function parseLineTopology({ file, text }: TopologyText): ParsedTopology {
  const entries: PrefixEntry[] = [];
  const faults: TopologyFault[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const said = line.replace(/(^|\s)#.*$/s, "").trim();
    if (said === "") continue;
    const source = `${file}:${index + 1}`;
    const [prefix = "", path, ...more] = said.split(/\s+/);
    if (path === undefined) faults.push({ source, text: said, problem: "has no path", remedy: REMEDY });
    else if (more.length > 0) faults.push({ source, text: said, problem: "has text after the path", remedy: REMEDY });
    else entries.push({ prefix, path, source });
  }
  return { entries, faults };
}
