// Checks an rtorrent.rc.
import { RTORRENT_DIALECTS, type RtorrentVersion } from "../../rtorrent/versions.ts";
import type { Fault } from "../finding.ts";
import { announceFaults } from "./announcing.ts";
import { COMMAND_RULES } from "./command-rules.ts";
import { compatibilityFaults } from "./compatibility.ts";
import { defaultFaults } from "./defaults.ts";
import { nestedCommands } from "./nested-commands.ts";
import { parseRtorrentConfig } from "./parser.ts";
import type { Statement } from "./statement.ts";

export function lintRtorrent(text: string, version: RtorrentVersion): Fault[] {
  const { statements, faults, lineCount } = parseRtorrentConfig(text);
  return [
    ...faults.map(({ line, problem }): Fault => ({ line, rule: "syntax", message: problem })),
    ...statements.flatMap(restFaults),
    ...compatibilityFaults(statements, version, text.split("\n")),
    ...statements.flatMap((statement) => commandFaults(statement, version)),
    ...announceFaults(statements, RTORRENT_DIALECTS[version].schedule, lineCount),
    ...defaultFaults(statements, version, lineCount),
  ];
}

function restFaults({ line, rest }: Statement): Fault[] {
  if (rest === undefined || rest.startsWith("#")) return [];
  return [
    { line, rule: "ignored-rest", message: `${JSON.stringify(rest)} is dropped: give it a line of its own`, fix: rest },
  ];
}

function commandFaults(statement: Statement, version: RtorrentVersion): Fault[] {
  return [statement, ...nestedCommands(statement)].flatMap((command) =>
    COMMAND_RULES.filter(({ names }) => names.test(command.name)).flatMap(({ rule, judge, fix }): Fault[] => {
      const message = judge(command, version);
      if (message === undefined) return [];
      return [{ line: statement.line, rule, message, ...(fix === undefined ? {} : { fix }) }];
    }),
  );
}
