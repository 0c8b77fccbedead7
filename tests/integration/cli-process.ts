// Runs the real command as a child process, the way a CI job does.
import { spawn, type ChildProcess } from "node:child_process";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import { RUN_ENVIRONMENT } from "../support/run-environment.ts";

export const BIN = join(import.meta.dirname, "../../node_modules/.bin/rackcast");

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Runs as the user `nobody`; only root may. */
  readonly asNobody?: boolean;
}

export interface StartedCommand {
  readonly process: ChildProcess;
  readonly outcome: Promise<Outcome>;
}

export function startCommand(args: readonly string[], surroundings: Surroundings = {}): StartedCommand {
  const { asNobody } = surroundings;
  const user = asNobody ? ["--reuid=65534", "--regid=65534", "--clear-groups", BIN] : [];
  return startProgram(asNobody ? "setpriv" : BIN, [...user, ...args], surroundings);
}

/** Any other program, with as little in its environment. */
export function startProgram(file: string, args: readonly string[], { env, cwd }: Surroundings): StartedCommand {
  const child = spawn(file, args, {
    cwd,
    env: { ...RUN_ENVIRONMENT, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  const outcome = Promise.all([exit, text(child.stdout), text(child.stderr)]).then(([code, stdout, stderr]) => ({
    code,
    stdout,
    stderr,
  }));
  return { process: child, outcome };
}

export function runCommand(args: readonly string[], surroundings?: Surroundings): Promise<Outcome> {
  return startCommand(args, surroundings).outcome;
}
