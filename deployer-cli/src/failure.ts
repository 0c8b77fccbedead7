// Turns whatever a command threw into what the user reads and the exit code.
import { inspect } from "node:util";
import { CommandError, EXIT_CODES } from "./errors.ts";
import { escaped } from "./output/escaping.ts";
import type { Session } from "./session.ts";

/** Prints one or two lines, the stack only with DEBUG; returns the exit code. */
export function reportFailure(error: unknown, { terminal, env, signal }: Session): number {
  const told = toldError(error, signal);
  terminal.note(`rackcast: ${messageOf(told).split("\n").map(escaped).join("\n")}`);
  if (env["DEBUG"]) terminal.note(inspect(error));
  return told instanceof CommandError ? told.exitCode : EXIT_CODES.failed;
}

/** What an interruption breaks on its way must not hide that it was one. */
export function toldError(error: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : error;
}

function messageOf(error: unknown): string {
  if (error instanceof CommandError) return error.message;
  const text = error instanceof Error ? error.message : String(error);
  return `internal error: ${text}\nThis is a fault of rackcast; run again with DEBUG=1 and report what it prints.`;
}
