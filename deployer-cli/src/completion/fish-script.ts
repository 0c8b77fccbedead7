// The completion script for fish: a `complete` line for each command, option and argument.
import { readFileSync } from "node:fs";
import { type CommandNode, nodesOf, type OptionNode, type ValueKind } from "./completion-tree.ts";

const FUNCTIONS = readFileSync(new URL("rackcast.fish", import.meta.url), "utf8");

export function printFishScript(tree: CommandNode): string {
  const nodes = nodesOf(tree);
  const paths = nodes.map(({ words }) => quote(words.join(" "))).join(" ");
  return [
    "# Completion of rackcast for fish; load it with: rackcast completion fish | source",
    `set --global __rackcast_commands ${paths}`,
    FUNCTIONS,
    `complete -c rackcast -f\n${nodes.flatMap(linesOf).join("\n")}\n`,
  ].join("\n\n");
}

function linesOf({ words, children, options, arguments: args }: CommandNode): string[] {
  const at = `complete -c rackcast -n ${quote(`__rackcast_at ${words.join(" ")}`)}`;
  return [
    ...children.map((child) => `${at} -a ${child.words.at(-1)} -d ${quote(child.description)}`),
    ...options.map((option) => `${at} ${flagsText(option)} -d ${quote(option.description)}`),
    ...args.flatMap(({ value }) => (value === "text" ? [] : [`${at} ${candidates(value)}`])),
  ];
}

function flagsText({ long, short, value }: OptionNode): string {
  const names = `-l ${long.slice(2)}${short === undefined ? "" : ` -s ${short.slice(1)}`}`;
  if (value === undefined) return names;
  return `${names} -r ${value === "text" ? "-f" : candidates(value)}`;
}

function candidates(value: Exclude<ValueKind, "text">): string {
  if (value === "file") return "-F";
  return `-f -a ${quote(value === "transfer" ? "(__rackcast_transfers)" : value.choices.join(" "))}`;
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}
