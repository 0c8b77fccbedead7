// A child process that is watched: what it said last, when it ended, and ways to end it.
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface SupervisedChild {
  readonly pid: number;
  /** Resolves when the process has ended, whoever ended it. */
  readonly exited: Promise<ChildExit>;
  /** The last of what it has written to its output, 64 KiB at most. */
  output(): string;
  /** Asks to end (SIGTERM); kills after `graceMs` (default 5 s). Resolves when the process has ended. */
  stop(graceMs?: number): Promise<ChildExit>;
  /** Ends it at once (SIGKILL), without a word to anyone. */
  kill(): Promise<ChildExit>;
}

export interface ChildCommand {
  readonly executable: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Takes all of its output, of which `output()` has the last only. */
  readonly logFile?: string;
}

const STOP_GRACE_MS = 5_000;
const MOST_OUTPUT = 65_536;

/** Rejects with the system's error when the command cannot be started. */
export async function startChild({ executable, args, cwd, env, logFile }: ChildCommand): Promise<SupervisedChild> {
  const child = spawn(executable, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const supervised = supervise(child);
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  if (logFile !== undefined) keepLog(child, logFile);
  return supervised;
}

function keepLog(child: ChildProcess, logFile: string): void {
  const log = createWriteStream(logFile, { flags: "a" });
  // What cannot be logged is no reason to end: a full disk shows elsewhere.
  log.on("error", () => undefined);
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => void log.write(chunk));
  child.once("close", () => void log.end());
}

function supervise(child: ChildProcess): SupervisedChild {
  let written = "";
  const keep = (chunk: Buffer) => (written = (written + chunk.toString()).slice(-MOST_OUTPUT));
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  const exited = new Promise<ChildExit>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal }));
  });

  async function kill(): Promise<ChildExit> {
    child.kill("SIGKILL");
    return await exited;
  }

  async function stop(graceMs = STOP_GRACE_MS): Promise<ChildExit> {
    const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
    child.kill("SIGTERM");
    return await exited.finally(() => clearTimeout(timer));
  }

  return { pid: child.pid ?? 0, exited, output: () => written, stop, kill };
}

/** Such as `was ended by SIGKILL`. */
export function describeExit({ code, signal }: ChildExit): string {
  return signal ? `was ended by ${signal}` : `ended with code ${code}`;
}
