// The tracker as `rackcast tracker` runs it: a process on a port of this machine, ready to be asked.
import { setTimeout as delay } from "node:timers/promises";
import { type StartedCommand, startCommand } from "../integration/cli-process.ts";
import { findServerPort } from "./redis-port.ts";

export interface TrackerCommand {
  readonly url: string;
  readonly command: StartedCommand;
  /** Sends a signal that ends it, unless it has ended, and waits for that. */
  end(signal: NodeJS.Signals): Promise<void>;
}

const START_TIMEOUT_MS = 20_000;

/** `args` and `env` beside those for where it listens. Rejects with what it says when it ends instead. */
export async function startTrackerCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<TrackerCommand> {
  const port = await findServerPort();
  const command = startCommand(["tracker", "--host", "127.0.0.1", "--port", `${port}`, ...args], { env });
  const url = `http://127.0.0.1:${port}`;
  await until("a tracker is ready", async () => {
    if (command.process.exitCode !== null) throw new Error((await command.outcome).stderr);
    return (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true;
  });
  return { url, command, end: (signal) => end(command, signal) };
}

async function end({ process: child, outcome }: StartedCommand, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  await outcome;
}

export async function until(what: string, holds: () => Promise<boolean>, withinMs = START_TIMEOUT_MS): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs / 1000} s: ${what}`);
    await delay(50);
  }
}
