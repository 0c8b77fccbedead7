// The completion script for zsh: a function a command, written for its _arguments.
import { readFileSync } from "node:fs";
import { type CommandNode, flagsOf, nodesOf, type OptionNode, type ValueKind } from "./completion-tree.ts";

const HEAD = `#compdef rackcast
# Completion of rackcast for zsh; load it with: source <(rackcast completion zsh)`;
const FOOT = readFileSync(new URL("rackcast.zsh", import.meta.url), "utf8");

export function printZshScript(tree: CommandNode): string {
  return [HEAD, ...nodesOf(tree).map(printFunction), FOOT].join("\n\n");
}

function printFunction(node: CommandNode): string {
  const specs = node.options.flatMap(specsOf);
  const body = node.children.length > 0 ? printGroup(node, specs) : printArguments([...specs, ...places(node)]);
  return `${functionName(node)}() {\n${body}\n}`;
}

function printGroup({ children }: CommandNode, specs: readonly string[]): string {
  const described = children.map((child) => quote(`${nameOf(child)}:${child.description.replaceAll(":", "\\:")}`));
  const cases = children.map((child) => `        ${nameOf(child)}) ${functionName(child)} ;;`);
  return `  local curcontext=$curcontext state line
  local -a commands=(
    ${described.join("\n    ")}
  )
${printArguments([...specs, "'1:command:->command'", "'*::argument:->argument'"], "-C ")}
  case $state in
    command) _describe -t commands command commands ;;
    argument)
      case $line[1] in
${cases.join("\n")}
      esac ;;
  esac`;
}

function printArguments(specs: readonly string[], flags = ""): string {
  return `  _arguments ${flags}-S \\\n    ${specs.join(" \\\n    ")}`;
}

/** `*` in front: an option may come again, and whether it may is for the command to say. */
function specsOf(option: OptionNode): string[] {
  const behind = option.value === undefined ? "" : `:${escape(option.long.slice(2))}:${actionOf(option.value)}`;
  return flagsOf(option).map((flag) => {
    const joined = flag.startsWith("--") && option.value !== undefined ? "=" : "";
    return quote(`*${flag}${joined}[${escape(option.description)}]${behind}`);
  });
}

function places({ arguments: args }: CommandNode): string[] {
  return args.map(({ name, value, variadic }, index) =>
    quote(`${variadic ? "*" : index + 1}:${escape(name)}:${actionOf(value)}`),
  );
}

function actionOf(value: ValueKind): string {
  if (typeof value === "object") return `(${value.choices.join(" ")})`;
  return { file: "_files", transfer: "_rackcast_transfers", text: " " }[value];
}

function functionName({ words }: CommandNode): string {
  return `_${words.join("_")}`;
}

function nameOf({ words }: CommandNode): string {
  return words.at(-1) ?? "";
}

function escape(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, "\\$&");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
