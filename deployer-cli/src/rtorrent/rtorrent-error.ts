// What can go wrong with an rtorrent; each message names the thing and the remedy.
import { CommandError, type CommandErrorCode } from "../errors.ts";

export type RtorrentErrorCode = Extract<CommandErrorCode, `RTORRENT_${string}`>;

export function rtorrentError(code: RtorrentErrorCode, problem: string, remedy: string, cause?: unknown): CommandError {
  return new CommandError(code, `${problem}.\n${remedy}`, cause === undefined ? undefined : { cause });
}
