// Which commands of a file the version does not know, or knows by another name.
import type { RtorrentVersion } from "../../rtorrent/versions.ts";
import { unknownSetting } from "../../unknown-setting.ts";
import type { Fault } from "../finding.ts";
import { type CommandTable, commandTable } from "./command-table.ts";
import { nestedCommands } from "./nested-commands.ts";
import { type Statement, textOf } from "./statement.ts";

/** A fault, wherever it is. */
type Verdict = Omit<Fault, "line">;

export function compatibilityFaults(
  statements: readonly Statement[],
  version: RtorrentVersion,
  lines: readonly string[],
): Fault[] {
  const table = commandTable(version);
  const isOwn = ownCommands(statements);
  return statements.flatMap((statement) => {
    const { line, name } = statement;
    const text = (lines[line - 1] ?? "").trim();
    const judge = (command: string) => (isOwn(command) ? [] : judgeCommand(command, { version, table, text }));
    const nested = nestedCommands(statement).filter(({ isCaught }) => !isCaught);
    const verdicts = [...judge(name), ...nested.flatMap((command) => judge(command.name).map(whenRun))];
    return verdicts.map((verdict): Fault => ({ line, ...verdict }));
  });
}

/** Commands that the file makes, and those of the groups that it makes. */
function ownCommands(statements: readonly Statement[]): (name: string) => boolean {
  const names = new Set(statements.flatMap(madeCommands));
  const groups = new Set(statements.filter(({ name }) => name === "group.insert").map(({ args }) => textOf(args[0])));
  return (name) => names.has(name) || groups.has(/^group2?\.([^.]+)\./.exec(name)?.[1] ?? "");
}

/** `method.insert = NAME, TYPE, …`; a value that is not constant is set by another, `NAME.set`. */
function madeCommands({ name, args }: Statement): string[] {
  if (!/^method\.(insert|redirect|rlookup)/.test(name)) return [];
  const [made, type] = [textOf(args[0]), `${name} ${textOf(args[1])}`];
  const isSettable = /\b(value|bool|string|list)\b/.test(type) && !/\bconst\b/.test(type);
  return isSettable ? [made, `${made}.set`] : [made];
}

/** What does not stop the start, because it is run later. */
function whenRun({ rule, message }: Verdict): Verdict {
  const stopsStart = ["unknown-command", "renamed-command", "removed-command"].includes(rule);
  return { rule: stopsStart ? "fails-when-run" : rule, message };
}

interface Context {
  readonly version: RtorrentVersion;
  readonly table: CommandTable;
  /** The line as it is written. */
  readonly text: string;
}

/** One, or none. */
function judgeCommand(name: string, { version, table, text }: Context): Verdict[] {
  const known = table.get(name);
  if (known === undefined) return [{ rule: "unknown-command", message: unknownCommand(name, version, table) }];
  switch (known.kind) {
    case "known":
      return [];
    case "idle":
      return [{ rule: "no-effect", message: `${name} does nothing in rtorrent ${version}: ${known.note}`, fix: "" }];
    case "partial":
      return [
        { rule: "some-versions", message: `${name} is not in every ${version}: ${known.note}`, ...caughtCommand(text) },
      ];
    case "removed":
      return [
        { rule: "removed-command", message: `${name} is no command of rtorrent ${version}: ${known.note}`, fix: "" },
      ];
    case "renamed": {
      const message = `${name} is called ${known.name} in rtorrent ${version}`;
      const renamed = text.replace(name, known.name);
      const isSure = table.get(known.name)?.kind !== "partial";
      return [{ rule: "renamed-command", message, ...(isSure ? { fix: renamed } : caughtCommand(renamed)) }];
    }
  }
}

function unknownCommand(name: string, version: RtorrentVersion, table: CommandTable): string {
  const [, hint = ""] = unknownSetting(name, [...table.keys()]).split("; did you mean ");
  return `${name} is no command of rtorrent ${version}${hint === "" ? "" : `; did you mean ${hint}`}`;
}

/** As a command that may be unknown is written; not for lines that have quotes already. */
function caughtCommand(text: string): { fix?: string } {
  return text.includes('"') ? {} : { fix: `catch = "${text.replace(/\s*=\s*/, "=")}"` };
}
