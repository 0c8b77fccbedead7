// The rackcast command's arguments and options without what they do: is a written command line one that it would take?
import { createProgram } from "../../deployer-cli/src/program.ts";
import { readFlags } from "../../tracker/src/config/setting-sources.ts";

export type Command = ReturnType<typeof createProgram>;

export interface Refusal {
  /** Commander's, such as `commander.unknownOption`. */
  readonly code: string;
  readonly message: string;
}

/** What stands for a value that the reader knows: `<name>`, `$NAME`, `${{ inputs.name }}`, `…`. */
const PLACEHOLDER = /<[^>]+>|\$[\w{(]|…/;

/** What it printed is in `written`, whichever stream it was for. */
export function silentProgram(): { readonly program: Command; readonly written: () => string } {
  const pieces: string[] = [];
  const stream = { write: (text: string | Uint8Array) => pieces.push(String(text)) > 0 };
  const refuse = () => {
    throw new Error("a command line that is only parsed ran a command");
  };
  const terminal = {
    stdout: stream,
    stderr: stream,
    colors: {} as never,
    errorColors: {} as never,
    print: refuse,
    printJson: refuse,
    note: refuse,
  };
  const program = createProgram({ terminal, env: {}, signal: new AbortController().signal });
  return { program, written: () => pieces.join("") };
}

/** The command and all below it that its help lists, each with the words that call it. */
export function allCommands(
  command: Command,
  words: readonly string[] = [],
): { command: Command; words: readonly string[] }[] {
  const visible = command.createHelp().visibleCommands(command);
  const inner = command.commands
    .filter((child) => visible.includes(child))
    .flatMap((child) => allCommands(child, [...words, child.name()]));
  return [{ command, words }, ...inner];
}

/** Undefined for a command line that would be taken; `args` without the program's name. */
export async function refusalOf(args: readonly string[]): Promise<Refusal | undefined> {
  const { program, written } = silentProgram();
  for (const { command } of allCommands(program)) disarm(command);
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    const { code, exitCode } = error as { code?: unknown; exitCode?: unknown };
    if (typeof code !== "string" || !code.startsWith("commander.")) throw error;
    if (exitCode !== 0) return { code, message: written().split("\n", 1)[0] ?? code };
  }
  return args[0] === "tracker" ? trackerRefusalOf(args.slice(1)) : undefined;
}

function trackerRefusalOf(args: readonly string[]): Refusal | undefined {
  const fault = readFlags(args).faults.find(({ source }) => !PLACEHOLDER.test(source));
  return fault && { code: "tracker.flag", message: `${fault.source} ${fault.problem}` };
}

/** Placeholders pass where a value would be read. Groups keep having no action: without a subcommand they print their help. */
function disarm(command: Command): void {
  if (command.commands.length === 0) command.action(() => undefined);
  for (const { read, readWith } of [...command.options, ...command.registeredArguments].map(readerOf)) {
    if (read) readWith((text, previous) => (PLACEHOLDER.test(text) ? text : read(text, previous)));
  }
}

type Read = (text: string, previous: never) => unknown;

function readerOf(place: { parseArg?: Read | undefined; argParser(read: Read): unknown }): {
  readonly read: Read | undefined;
  readonly readWith: (read: Read) => unknown;
} {
  return { read: place.parseArg?.bind(place), readWith: (read) => place.argParser(read) };
}
