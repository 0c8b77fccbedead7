// What there is to complete, read from the commands themselves.
import type { Argument, Command, Option } from "commander";

/** What stands behind an option or in an argument's place; `text` is what nobody can guess. */
export type ValueKind = "file" | "transfer" | "text" | { readonly choices: readonly string[] };

export interface CommandNode {
  /** From the program's name on: `["rackcast", "ban", "add"]`. */
  readonly words: readonly string[];
  /** Short. */
  readonly description: string;
  readonly children: readonly CommandNode[];
  readonly options: readonly OptionNode[];
  readonly arguments: readonly ArgumentNode[];
}

export interface OptionNode {
  /** `--output`, and `-o` where there is one. */
  readonly long: string;
  readonly short: string | undefined;
  readonly description: string;
  /** Undefined for one that takes none. */
  readonly value: ValueKind | undefined;
}

export interface ArgumentNode {
  readonly name: string;
  readonly value: ValueKind;
  readonly variadic: boolean;
}

/** `options`: another program's, of which files can be offered at least. */
const FILE_WORDS = new Set(["file", "path", "folder", "directory", "inventory", "key", "options"]);
const TRANSFER_WORDS = new Set(["transfer", "release"]);
const MAX_DESCRIPTION_LENGTH = 72;

export function readCompletionTree(command: Command, outer: readonly string[] = []): CommandNode {
  const words = [...outer, command.name()];
  const help = command.createHelp();
  return {
    words,
    description: shorten(command.description()),
    children: help.visibleCommands(command).map((child) => readCompletionTree(child, words)),
    options: help.visibleOptions(command).flatMap(readOption),
    arguments: command.registeredArguments.map(readArgument),
  };
}

/** The node and all below it. */
export function nodesOf(node: CommandNode): CommandNode[] {
  return [node, ...node.children.flatMap(nodesOf)];
}

export function flagsOf({ long, short }: OptionNode): string[] {
  return short === undefined ? [long] : [long, short];
}

function readOption({ long, short, description, flags, required, optional, argChoices }: Option): OptionNode[] {
  if (long === undefined) return [];
  const placeholder = /[<[]([^>\]]+)[>\]]/.exec(flags)?.[1] ?? "";
  const value = required || optional ? kindOf([placeholder, long], argChoices) : undefined;
  return [{ long, short, description: shorten(description), value }];
}

function readArgument(argument: Argument): ArgumentNode {
  const name = argument.name();
  return { name, value: kindOf([name], argument.argChoices), variadic: argument.variadic };
}

/** The names say it, by their last words: `<targets-file>`, `--session-directory`. */
function kindOf(names: readonly string[], choices: readonly string[] | undefined): ValueKind {
  if (choices !== undefined) return { choices };
  const lastWords = names.map((name) => /[a-z]*$/.exec(name)?.[0] ?? "");
  if (lastWords.some((word) => FILE_WORDS.has(word))) return "file";
  return lastWords.some((word) => TRANSFER_WORDS.has(word)) ? "transfer" : "text";
}

/** The first sentence, as long as a line of candidates bears. */
function shorten(description: string): string {
  const [sentence = ""] = description.split(/\.\s|\.$|\n/, 1);
  return sentence.length > MAX_DESCRIPTION_LENGTH ? `${sentence.slice(0, MAX_DESCRIPTION_LENGTH - 1)}…` : sentence;
}
