// The completion script for bash 4 and later, with bash-completion and without.
import { readFileSync } from "node:fs";
import { type CommandNode, flagsOf, nodesOf, type ValueKind } from "./completion-tree.ts";

const FUNCTION = readFileSync(new URL("rackcast.bash", import.meta.url), "utf8");

/**
 * Two tables and the function that looks things up in them: the flags of `rackcast ban add`, and the values of
 * `rackcast ban add --reason`, of `rackcast ban 0` (its first argument) and of `rackcast topology resolve *` (every one).
 */
export function printBashScript(tree: CommandNode): string {
  const nodes = nodesOf(tree);
  const flags = nodes.map(({ words, options }) => entry(words, options.flatMap(flagsOf).join(" ")));
  return [
    "# Completion of rackcast for bash; load it with: source <(rackcast completion bash)",
    `declare -gA _rackcast_flags=(\n${flags.join("\n")}\n)`,
    `declare -gA _rackcast_values=(\n${nodes.flatMap(valuesOf).join("\n")}\n)`,
    FUNCTION,
  ].join("\n\n");
}

function valuesOf({ words, children, options, arguments: args }: CommandNode): string[] {
  const behindOptions = options.flatMap((option) => {
    const { value } = option;
    return value === undefined ? [] : flagsOf(option).map((flag) => entry([...words, flag], textOf(value)));
  });
  const inPlaces = args.map(({ value, variadic }, index) =>
    entry([...words, variadic ? "*" : `${index}`], textOf(value)),
  );
  const commands =
    children.length > 0 ? [entry([...words, "0"], children.map((child) => child.words.at(-1)).join(" "))] : [];
  return [...behindOptions, ...commands, ...inPlaces];
}

function entry(words: readonly string[], text: string): string {
  return `  [${quote(words.join(" "))}]=${quote(text)}`;
}

function textOf(value: ValueKind): string {
  return typeof value === "string" ? `@${value}` : value.choices.join(" ");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
