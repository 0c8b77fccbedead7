// A topology file's text, in whichever of its formats, to entries and faults.
import { parseIpv4 } from "../address.ts";
import { parsePrefix } from "../prefix.ts";
import { parseCsvTopology } from "./csv-topology.ts";
import { parseLineTopology } from "./line-topology.ts";
import type { ParsedTopology, TopologyText } from "./parsed-topology.ts";
import { parseYamlTopology } from "./yaml-topology.ts";

export type TopologyFormat = "lines" | "csv" | "yaml";

const PARSERS: Readonly<Record<TopologyFormat, (input: TopologyText) => ParsedTopology>> = {
  lines: parseLineTopology,
  csv: parseCsvTopology,
  yaml: parseYamlTopology,
};

export function parseTopology(format: TopologyFormat, input: TopologyText): ParsedTopology {
  return PARSERS[format](input);
}

/** The format by the file's extension (`.csv`, `.yaml`, `.yml`), else by its first line that says something. */
export function topologyFormat(file: string, text: string): TopologyFormat {
  const extension = /\.(csv|ya?ml)$/i.exec(file)?.[1]?.toLowerCase();
  if (extension !== undefined) return extension === "csv" ? "csv" : "yaml";
  const first = /^[^\S\n]*([^#\s][^\n]*)/m.exec(text)?.[1]?.trim() ?? "";
  if (/^"?(address|cidr|prefix)"?\s*,|,\s*"?(address|cidr|prefix)"?\s*(,|$)/i.test(first)) return "csv";
  return looksLikeYaml(first) ? "yaml" : "lines";
}

function looksLikeYaml(first: string): boolean {
  if (/^(---|%YAML|- |-$|["'{[])/.test(first)) return true;
  const key = /^(\S+):(\s|$)/.exec(first)?.[1];
  // `fe80:: rack1` is a line, `fe80::/16: rack1` and `10.0.0.1: rack1` are YAML.
  return key !== undefined && (parseIpv4(key) >= 0 || parsePrefix(key).ok || !parsePrefix(`${key}:`).ok);
}
