// Programs in the lab's namespaces: started with their output in a file, ended by their own process id.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { LabNetwork } from "./topology.ts";
import type { LabHost } from "./shape.ts";

const LOG_TAIL_LINES = 15;

export interface LabProcess {
  readonly pid: number;
  readonly running: boolean;
  /** Ends it at once, as a crash would, and waits until it is gone. */
  kill(): Promise<void>;
}

export interface LabCommand {
  readonly host: LabHost;
  readonly command: readonly string[];
  readonly logFile: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export async function startLabProcess(network: LabNetwork, program: LabCommand): Promise<LabProcess> {
  const log = await open(program.logFile, "a");
  const { file, args } = network.commandIn(program.host, program.command);
  const environment = { ...process.env, ...program.environment };
  const child = spawn(file, args, { stdio: ["ignore", log.fd, log.fd], env: environment });
  const exited = once(child, "exit");
  await once(child, "spawn");
  await log.close();
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program.command.join(" ")} has no process`);
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    pid,
    get running() {
      return running();
    },
    async kill() {
      if (running()) child.kill("SIGKILL");
      await exited;
    },
  };
}

export interface LabServer extends LabCommand {
  /** Succeeds, run in the same namespace, once the program serves. */
  readonly probe: readonly string[];
}

const START_TIMEOUT_MS = 20_000;
const PROBE_EVERY_MS = 100;

/** Resolves when the program serves. */
export async function startLabServer(network: LabNetwork, server: LabServer): Promise<LabProcess> {
  const { host, probe, logFile } = server;
  const started = await startLabProcess(network, server);
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline && started.running) {
    const answered = await runLabProcess(network, { host, command: probe, logFile: "/dev/null" }).then(
      () => true,
      () => false,
    );
    if (answered) return started;
    await sleep(PROBE_EVERY_MS);
  }
  await started.kill();
  throw new Error(`${server.command.join(" ")} did not become ready: ${await logTail(logFile)}`);
}

/** The command that fetches a URL and fails where that is refused. */
export function fetching(url: string, ...options: readonly string[]): readonly string[] {
  return ["curl", "--silent", "--fail", "--output", "/dev/null", ...options, url];
}

/** Runs a program to its end; its failure tells the end of its log. */
export async function runLabProcess(network: LabNetwork, program: LabCommand): Promise<void> {
  const log = await open(program.logFile, "a");
  const { file, args } = network.commandIn(program.host, program.command);
  const environment = { ...process.env, ...program.environment };
  const child = spawn(file, args, { stdio: ["ignore", log.fd, log.fd], env: environment });
  const [code] = (await once(child, "exit")) as [number | null];
  await log.close();
  if (code !== 0) throw new Error(`${program.command.join(" ")} ended with ${code}: ${await logTail(program.logFile)}`);
}

/** The end of a program's output, for an error: the file itself goes with the run. */
export async function logTail(logFile: string): Promise<string> {
  const lines = (await readFile(logFile, "utf8")).trimEnd().split("\n");
  return lines.slice(-LOG_TAIL_LINES).join("\n");
}
