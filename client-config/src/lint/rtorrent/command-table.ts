// What each version of rtorrent knows of a command, from the files in commands/.
import { readFileSync } from "node:fs";
import type { RtorrentVersion } from "../../rtorrent/versions.ts";

export type Knowledge =
  | { readonly kind: "known" }
  /** It does nothing; what to do instead. */
  | { readonly kind: "idle"; readonly note: string }
  /** In some of these versions only. */
  | { readonly kind: "partial"; readonly note: string }
  | { readonly kind: "renamed"; readonly name: string }
  | { readonly kind: "removed"; readonly note: string };

/** By the command's name; what is missing is unknown to the version. */
export type CommandTable = ReadonlyMap<string, Knowledge>;

const tables = new Map<RtorrentVersion, CommandTable>();

/** Read once a version. */
export function commandTable(version: RtorrentVersion): CommandTable {
  const table = tables.get(version) ?? parseTable(readFileSync(fileOf(version), "utf8"));
  tables.set(version, table);
  return table;
}

function fileOf(version: RtorrentVersion): URL {
  return new URL(`../../../commands/rtorrent-${version}.txt`, import.meta.url);
}

function parseTable(text: string): CommandTable {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map(parseEntry));
}

function parseEntry(line: string): [string, Knowledge] {
  const [, name = line, sign, note = ""] = /^(\S+) ([~?>!]) (.+)$/.exec(line) ?? [];
  switch (sign) {
    case "~":
      return [name, { kind: "idle", note }];
    case "?":
      return [name, { kind: "partial", note }];
    case ">":
      return [name, { kind: "renamed", name: note }];
    case "!":
      return [name, { kind: "removed", note }];
    default:
      return [name, { kind: "known" }];
  }
}
