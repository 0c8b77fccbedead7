// One program of Ansible as a child process, in a group of its own: all that it started ends with it.
import { createInterface } from "node:readline";
import { execa, type Options } from "execa";

export interface AnsibleCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Each line that it writes to `EVENTS_DESCRIPTOR`. */
  onEventLine?(line: string): void;
}

export interface AnsibleExit {
  /** Undefined when it could not be started or was ended by a signal. */
  readonly exitCode: number | undefined;
  /** Why it could not be started, as the system's error code. */
  readonly startError: string | undefined;
  readonly stdout: string;
  /** The end of what it complained about. */
  readonly complaint: string;
}

export const EVENTS_DESCRIPTOR = 3;

const OPTIONS = {
  // Nobody can be asked: the terminal is the progress line's.
  stdio: ["ignore", "pipe", "pipe", "pipe"],
  buffer: { stdout: true, stderr: false, fd3: false },
  maxBuffer: Number.MAX_SAFE_INTEGER,
  extendEnv: false,
  reject: false,
  // As Ctrl-C would; what does not heed it is killed.
  killDescendants: true,
  killSignal: "SIGINT",
  forceKillAfterDelay: 3_000,
} as const satisfies Options;

const MOST_COMPLAINT = 32_768;

/** Throws the signal's reason when it aborted, once the processes have ended. */
export async function runAnsible(command: AnsibleCommand): Promise<AnsibleExit> {
  const { program, args, env, signal, onEventLine } = command;
  signal.throwIfAborted();
  const child = execa(program, args, { ...OPTIONS, env, cancelSignal: signal });
  child.nodeChildProcess.once("exit", () => child.kill("SIGKILL"));
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-MOST_COMPLAINT)));
  const lines = createInterface({ input: child.readable({ from: "fd3" }) });
  lines.on("line", (line) => onEventLine?.(line));
  const allRead = new Promise((resolve) => lines.once("close", resolve));
  const { exitCode, code, stdout } = await child;
  signal.throwIfAborted();
  if (code === undefined) await allRead;
  return { exitCode, startError: code, stdout: typeof stdout === "string" ? stdout : "", complaint };
}
