// Holds that the help of every command that there is says what a user needs, in 80 columns.
import { describe, expect, it } from "vitest";
import { splitCommandLine } from "../support/documented-commands.ts";
import { allCommands, refusalOf, silentProgram, type Command } from "../support/command-parsing.ts";

const COLUMNS = 80;

const { program } = silentProgram();
const commands = allCommands(program).map(({ command, words }) => ({
  name: ["rackcast", ...words].join(" "),
  command,
  words,
}));

describe.each(commands)("the help of $name", ({ name, command, words }) => {
  const help = helpOf(words);

  it("says in one line what it does", () => {
    expect(command.description()).toMatch(/^\S[^\n]{8,}[^.\n]$/);
  });

  it("describes every argument and option", () => {
    const { registeredArguments: args, options } = command;
    expect(args.filter(({ description }) => !/\w{3}/.test(description)).map((argument) => argument.name())).toEqual([]);
    expect(options.filter(({ description }) => !/\w{3}/.test(description)).map(({ flags }) => flags)).toEqual([]);
  });

  it("ends with examples of itself, which parse", async () => {
    const [, section = ""] = /\nExamples:\n((?: {2}.+\n|\n)+)$/.exec(help) ?? [];
    const lines = section.replaceAll(/\\\n */g, "").split(/\n\s*/);
    const examples = lines.map((line) => line.trim()).filter((line) => line.startsWith("rackcast "));
    expect(examples.filter((line) => `${line} `.startsWith(`${name} `))).not.toEqual([]);
    for (const line of examples) expect(await refusalOf(splitCommandLine(line).slice(1)), line).toBeUndefined();
  });

  it(`fits ${COLUMNS} columns off a terminal`, () => {
    expect(help.split("\n").filter((line) => line.length > COLUMNS)).toEqual([]);
  });
});

function helpOf(words: readonly string[]): string {
  const { program: fresh, written } = silentProgram();
  const command = words.reduce<Command>((outer, word) => outer.commands.find((one) => one.name() === word)!, fresh);
  command.outputHelp();
  return written();
}
