// A real rtorrent as a child process: configured, started, awaited, stopped.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ConfigError, renderRtorrent, type RtorrentSettings } from "@rackcast/client-config";

import { systemErrorCode } from "../errors.ts";
import { createRtorrentControl, type RtorrentControl } from "./rtorrent-control.ts";
import { rtorrentError } from "./rtorrent-error.ts";
import { describeExit, startChild, type SupervisedChild } from "./supervised-child.ts";

export interface RtorrentStart {
  readonly settings: RtorrentSettings;
  /** Where the rendered configuration is written. */
  readonly configFile: string;
  /** Command put in front, such as `["ip", "netns", "exec", "rack1"]`. It has to exec, so that the process stays the same. */
  readonly launcher?: readonly string[];
  /** Replaces this process' environment; `PATH` is all that rtorrent needs. A proxy in it is used for announces. */
  readonly env?: NodeJS.ProcessEnv;
  /** How long the socket may take to answer. */
  readonly startTimeoutMs?: number;
}

export type ConfiguredRtorrentStart = Omit<RtorrentStart, "settings"> & { readonly scgiSocket: string };

/** Stopping it tells the trackers; killing it does not. */
export interface RtorrentProcess extends SupervisedChild {
  readonly control: RtorrentControl;
}

const START_TIMEOUT_MS = 15_000;
const START_POLL_MS = 25;

/**
 * Writes the configuration, makes the directories it names and starts rtorrent with it; resolves when it answers.
 * @throws CommandError `RTORRENT_MISSING`, `RTORRENT_FAILED`
 */
export async function startRtorrent({ settings, ...start }: RtorrentStart): Promise<RtorrentProcess> {
  const text = render(settings);
  const { directory, sessionDirectory, scgiSocket, logFile } = settings;
  const folders = [directory, sessionDirectory, ...[scgiSocket, start.configFile, logFile ?? scgiSocket].map(dirname)];
  await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })));
  await writeFile(start.configFile, text, { mode: 0o600 });
  return startConfiguredRtorrent({ ...start, scgiSocket });
}

function render(settings: RtorrentSettings): string {
  try {
    return renderRtorrent(settings);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    const remedy =
      "Where a path is at fault, choose a short one of plain characters; TMPDIR sets that of temporary files.";
    throw rtorrentError("RTORRENT_FAILED", cause.message, remedy, cause);
  }
}

/** As `startRtorrent`, with a configuration and its directories that are there already. */
export async function startConfiguredRtorrent(start: ConfiguredRtorrentStart): Promise<RtorrentProcess> {
  const command = ["rtorrent", "-n", "-o", `import=${start.configFile}`];
  const [executable = "rtorrent", ...args] = [...(start.launcher ?? []), ...command];
  const child = await startChild({
    executable,
    args,
    cwd: dirname(start.configFile),
    env: start.env ?? process.env,
  }).catch((cause) => Promise.reject(notStarted(executable, cause)));
  const rtorrent = { ...child, control: createRtorrentControl(start.scgiSocket) };
  await untilAnswering(rtorrent, start).catch(async (error) => {
    await rtorrent.kill();
    throw error;
  });
  return rtorrent;
}

function notStarted(executable: string, cause: unknown): Error {
  if (executable === "rtorrent" && systemErrorCode(cause) === "ENOENT")
    return rtorrentError(
      "RTORRENT_MISSING",
      "rtorrent is not installed, or not in PATH",
      "Install it (Debian and Ubuntu: apt install rtorrent) and run this again.",
      cause,
    );
  const reason = cause instanceof Error ? cause.message : String(cause);
  const remedy = "Check that it is installed and may be run by this user.";
  return rtorrentError("RTORRENT_FAILED", `${executable} cannot be started: ${reason}`, remedy, cause);
}

async function untilAnswering(rtorrent: RtorrentProcess, start: ConfiguredRtorrentStart): Promise<void> {
  const { configFile, scgiSocket, startTimeoutMs = START_TIMEOUT_MS } = start;
  const deadline = Date.now() + startTimeoutMs;
  const ended = rtorrent.exited.then((exit) => {
    throw notRunning(`rtorrent ${describeExit(exit)} while starting with ${configFile}`, rtorrent.output());
  });
  while (!(await Promise.race([ended, answers(rtorrent)]))) {
    if (Date.now() > deadline)
      throw notRunning(`rtorrent did not answer at ${scgiSocket} within ${startTimeoutMs} ms`, rtorrent.output());
    await delay(START_POLL_MS);
  }
  // Ending later is for the owner to notice.
  ended.catch(() => undefined);
}

/** Whether it is this process that answers, and not an older one at the same socket. */
async function answers({ control, pid }: RtorrentProcess): Promise<boolean> {
  return await control.pid().then(
    (answered) => answered === pid,
    () => false,
  );
}

function notRunning(problem: string, output: string): Error {
  const said = output.trim().split("\n").slice(-5).join("\n");
  return rtorrentError(
    "RTORRENT_FAILED",
    said ? `${problem}, saying:\n${said}` : problem,
    "Check that its port and addresses are free, that its directories may be written, and that it is version 0.9.8.",
  );
}
