// Whether a file has rtorrent ask its tracker for peers, and how often.
import type { Fault } from "../finding.ts";
import { nestedCommands } from "./nested-commands.ts";
import { type Statement, textOf } from "./statement.ts";
import { secondsOf } from "./values.ts";

/** More than 10 requests in 10 s abort the process, and those of starting and completing come on top. */
const SHORTEST_SECONDS = 2;
/** A host that is told to wait by an empty reply loses that long. */
const LONGEST_SECONDS = 60;

const ANNOUNCES = /^d\.tracker_announce(\.force)?$/;

export function announceFaults(statements: readonly Statement[], schedule: string, lastLine: number): Fault[] {
  const schedules = statements.filter(
    (statement) =>
      /^schedule2?$/.test(statement.name) && nestedCommands(statement).some(({ name }) => ANNOUNCES.test(name)),
  );
  if (schedules.length === 0) {
    const message = "nothing announces on a schedule";
    return [{ line: lastLine, rule: "announce-missing", message, fix: announceLine(schedule, SHORTEST_SECONDS) }];
  }
  return schedules.flatMap((statement) => intervalFaults(statement));
}

function announceLine(schedule: string, seconds: number): string {
  return `${schedule} = rackcast_announce, ${seconds}, ${seconds}, "d.multicall2=leeching,d.tracker_announce="`;
}

function intervalFaults({ name, args, line }: Statement): Fault[] {
  const seconds = secondsOf(textOf(args[2]));
  if (seconds === undefined) return [];
  // An interval of 0 is once.
  if (seconds === 0)
    return [
      {
        line,
        rule: "announce-missing",
        message: "it announces once, not on a schedule",
        fix: announceLine(name, SHORTEST_SECONDS),
      },
    ];
  const said = `it announces every ${seconds} s`;
  if (seconds < SHORTEST_SECONDS)
    return [{ line, rule: "announce-too-often", message: said, fix: announceLine(name, SHORTEST_SECONDS) }];
  if (seconds <= LONGEST_SECONDS) return [];
  return [{ line, rule: "announce-rare", message: said, fix: announceLine(name, LONGEST_SECONDS) }];
}
