// What every command gets from the process edge, so that none reaches for globals.
import type { Terminal } from "./output/terminal.ts";

export interface Session {
  readonly terminal: Terminal;
  readonly env: NodeJS.ProcessEnv;
  /** Aborts when the user interrupts; its reason is the error to end with. */
  readonly signal: AbortSignal;
}
