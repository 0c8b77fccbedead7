// YAML: a mapping of prefix to path, or a list of `{prefix, path}`; a path is text or a list of names.
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from "yaml";
import type { TopologyFault } from "../errors.ts";
import type { PrefixEntry } from "../location-table.ts";
import type { TopologyPath } from "../topology-resolver.ts";
import type { ParsedTopology, TopologyText } from "./parsed-topology.ts";

const PREFIX_KEYS = ["address", "cidr", "prefix"];
const ITEM_REMEDY = "write - {prefix: 10.77.1.0/24, path: rack1}";
const PAIR_REMEDY = "write 10.77.1.0/24: rack1, or a list of names for the path";
const WHOLE_REMEDY = "write a mapping such as 10.77.1.0/24: rack1, or a list of {prefix, path}";

export function parseYamlTopology({ file, text }: TopologyText): ParsedTopology {
  const lineCounter = new LineCounter();
  // Duplicates are judged by the table, as different texts can be one prefix; the check in here is quadratic.
  const document = parseDocument(text, { lineCounter, uniqueKeys: false, logLevel: "silent" });
  const entries: PrefixEntry[] = [];
  const faults: TopologyFault[] = [];

  const sourceAt = (offset: number) => `${file}:${Math.max(1, lineCounter.linePos(offset).line)}`;
  const textAt = (offset: number) => text.slice(offset, endOfLine(text, offset)).trim();
  const offsetOf = (node: Node | null | undefined, near: number) => node?.range?.[0] ?? near;
  const blame = (offset: number, problem: string, remedy: string) =>
    faults.push({ source: sourceAt(offset), text: textAt(offset), problem, remedy });
  const follow = (node: unknown) => (isAlias(node) ? node.resolve(document) : node);

  function addPair(key: unknown, value: unknown, near: number, remedy: string): void {
    const prefix = follow(key);
    const path = pathOf(follow(value), follow);
    if (!isScalar(prefix)) blame(near, "has no prefix", remedy);
    else if (path === undefined) blame(near, "has no path that is text or a list of names", remedy);
    else entries.push({ prefix: written(prefix), path, source: sourceAt(near) });
  }

  function addItem(item: unknown, near: number): void {
    const map = follow(item);
    if (!isMap(map)) return void blame(near, "is not a prefix with its path", ITEM_REMEDY);
    const [key] = PREFIX_KEYS.filter((name) => map.has(name));
    addPair(key === undefined ? undefined : valueOf(map, key), valueOf(map, "path"), near, ITEM_REMEDY);
  }

  for (const error of document.errors) {
    blame(error.pos[0], `is not YAML: ${firstLine(error.message)}`, "correct the syntax");
  }
  const top = follow(document.contents);
  if (faults.length > 0 || top === null) return { entries, faults };
  if (isMap(top)) {
    for (const { key, value } of top.items) addPair(key, value, offsetOf(key as Node, 0), PAIR_REMEDY);
  } else if (isSeq(top)) {
    for (const item of top.items) addItem(item, offsetOf(item as Node, 0));
  } else {
    blame(offsetOf(document.contents, 0), "is neither a mapping nor a list", WHOLE_REMEDY);
  }
  return { entries, faults };
}

function valueOf(map: YAMLMap, key: string): unknown {
  return map.get(key, true);
}

function pathOf(node: unknown, follow: (node: unknown) => unknown): string | TopologyPath | undefined {
  if (isScalar(node)) return node.value === null ? undefined : written(node);
  if (!isSeq(node)) return undefined;
  const names = node.items.map(follow);
  return names.every((name) => isScalar(name)) ? names.map((name) => written(name)) : undefined;
}

/** A scalar as it stands in the file: rack `012` is no number and `on` no boolean. */
function written(scalar: Scalar): string {
  return typeof scalar.value === "string" ? scalar.value : (scalar.source ?? String(scalar.value));
}

function endOfLine(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]?.replace(/ at line \d+, column \d+:?$/, "") ?? text;
}
