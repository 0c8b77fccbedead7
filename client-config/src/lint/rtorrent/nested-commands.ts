// The commands that stand in the arguments of others: what a schedule runs, what a method is made of.
import { parseCommands } from "./parser.ts";
import type { Argument, Command, Statement } from "./statement.ts";

export interface NestedCommand extends Command {
  /** Whether a failure of it is caught, and only logged. */
  readonly isCaught: boolean;
}

/** Commands whose arguments are commands, from the one of this index on. */
const COMMAND_TAKERS: readonly (readonly [RegExp, number])[] = [
  [/^schedule2?$/, 3],
  [/^method\.(insert|set)(\.\w+)*$/, 2],
  [/^method\.set_key$/, 2],
  [/^(branch|if|catch|and|or|not|false|less|greater|equal)$/, 0],
  [/^(d\.multicall2?|d\.multicall\.filtered)$/, 1],
  [/^[fpt]\.multicall$/, 1],
  [/^view\.(filter|sort_new|sort_current|event_added|event_removed)$/, 1],
  [/^load\.(normal|start|verbose|start_verbose|raw.*)$/, 1],
];

/** Those of a statement and of what they hold in turn, outermost first. */
export function nestedCommands({ name, args }: Statement | Command, isCaught = false): NestedCommand[] {
  const caught = isCaught || name === "catch";
  const from = COMMAND_TAKERS.find(([taker]) => taker.test(name))?.[1] ?? Infinity;
  return args.flatMap((argument, index) => commandsIn(argument, index >= from, caught));
}

function commandsIn(argument: Argument, takesCommands: boolean, isCaught: boolean): NestedCommand[] {
  if (argument.kind === "list") return argument.items.flatMap((item) => commandsIn(item, takesCommands, isCaught));
  if (argument.kind === "call") return withNested(argument, isCaught);
  const { text } = argument;
  if (text.startsWith("$")) return parseCommands(text.slice(1)).flatMap((command) => withNested(command, isCaught));
  if (!takesCommands || !/^\s*[A-Za-z][\w.]*\s*=/.test(text)) return [];
  return parseCommands(text).flatMap((command) => withNested(command, isCaught));
}

function withNested(command: Command, isCaught: boolean): NestedCommand[] {
  return [{ name: command.name, args: command.args, isCaught }, ...nestedCommands(command, isCaught)];
}
