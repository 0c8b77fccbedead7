// Programs that resolvers ask: found before they are needed, run without a shell, bounded in time and in what they say.
import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { createSettingsFaults } from "../settings-faults.ts";

export interface ProgramRun {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Variables beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** More than this on standard output is a failure. */
  readonly mostOutputBytes: number;
  /** Ends the program. */
  readonly signal: AbortSignal;
}

const MOST_ERROR_BYTES = 4096;

/**
 * What the program printed. Rejects when it cannot be started, exits with a status other than 0 (`ProgramError`), or is
 * ended because it took too long or said too much; with it ends every process of its group.
 */
export async function runProgram(run: ProgramRun): Promise<string> {
  const { command, environment, timeoutMs, mostOutputBytes, signal } = run;
  const [program = "", ...args] = command;
  signal.throwIfAborted();
  // A group of its own, so that what it has started ends with it.
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: { ...process.env, ...environment },
  });
  const output = createGatherer(mostOutputBytes);
  const errors = createGatherer(MOST_ERROR_BYTES);
  const { promise: status, resolve, reject } = Promise.withResolvers<string | undefined>();

  function give(reason: Error): void {
    endGroup(child.pid);
    child.stdout.destroy();
    child.stderr.destroy();
    reject(reason);
  }

  const onAbort = () => give(new Error("it was ended, as the resolver is closed"));
  const timer = setTimeout(() => give(new Error(`it did not end within ${Math.round(timeoutMs)} ms`)), timeoutMs);
  signal.addEventListener("abort", onAbort);
  child.on("error", reject);
  child.stderr.on("data", (chunk: Buffer) => errors.add(chunk));
  child.stdout.on("data", (chunk: Buffer) => {
    if (!output.add(chunk)) give(new Error(`it printed more than ${mostOutputBytes} bytes`));
  });
  child.on("close", (code, name) => resolve(code === 0 ? undefined : exitOf(code, name)));
  try {
    const ended = await status;
    if (ended !== undefined) throw new ProgramError(ended, errors.text());
    return output.text();
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

function createGatherer(mostBytes: number) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return {
    /** False when there is no more room; what is over is left away. */
    add(chunk: Buffer): boolean {
      chunks.push(chunk.subarray(0, mostBytes - bytes));
      const fits = bytes + chunk.length <= mostBytes;
      bytes = Math.min(mostBytes, bytes + chunk.length);
      return fits;
    },
    text: () => Buffer.concat(chunks).toString("utf8"),
  };
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // All of it has ended already.
  }
}

function exitOf(code: number | null, signal: NodeJS.Signals | null): string {
  return code === null ? `was ended by ${signal}` : `ended with status ${code}`;
}

/** A program that ran and failed; the message has the first line of what it complained about. */
export class ProgramError extends Error {
  /** The beginning of what it wrote to standard error. */
  readonly complaint: string;

  constructor(ended: string, complaint: string) {
    const [line] = complaint.trim().split("\n", 1);
    super(line === "" ? `it ${ended}` : `it ${ended}: ${line}`);
    this.name = "ProgramError";
    this.complaint = complaint;
  }
}

/** Throws `RESOLVER_SETTINGS_FAULTY` for a program, a resolver's setting `command`, that this process cannot run. */
export async function requireProgram(program: string, resolver: string, remedy: string): Promise<void> {
  const { blame, refuse } = createSettingsFaults(resolver);
  const problem = await programProblem(program);
  if (problem !== undefined) blame("command", program, problem, remedy);
  refuse();
}

/** Why a program cannot be run: a path, or a name that is looked up in `PATH`. */
async function programProblem(program: string): Promise<string | undefined> {
  const isPath = program.includes("/");
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const candidates = isPath ? [program] : folders.map((folder) => join(folder, program));
  const problems = await Promise.all(candidates.map(fileProblem));
  if (problems.includes(undefined)) return undefined;
  if (isPath) return problems[0];
  return problems.find((problem) => problem !== MISSING) ?? "is in no folder of PATH";
}

const MISSING = "does not exist";

async function fileProblem(file: string): Promise<string | undefined> {
  try {
    if (!(await stat(file)).isFile()) return "is not a file";
  } catch {
    return MISSING;
  }
  return access(file, constants.X_OK).then(
    () => undefined,
    () => "may not be executed by this user",
  );
}
