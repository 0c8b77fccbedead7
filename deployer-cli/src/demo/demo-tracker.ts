// The demo's tracker: the tracker's own program as a child process, on a free port of loopback.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CommandError } from "../errors.ts";
import { describeExit, startChild, type SupervisedChild } from "../rtorrent/supervised-child.ts";
import { trackerInvocation } from "../tracker-process.ts";
import type { DemoSpeeds } from "./demo-plan.ts";

export interface DemoTracker extends SupervisedChild {
  /** Without a slash at the end. */
  readonly url: string;
}

export interface DemoTrackerStart {
  readonly folder: string;
  /** Lines of prefix and rack. */
  readonly topology: string;
  readonly speeds: DemoSpeeds;
  /** The one that the hosts' configuration has. */
  readonly announceEverySeconds: number;
  /** Whether it logs every announce. */
  readonly debug: boolean;
  readonly signal: AbortSignal;
  /** Told of the process as soon as there is one, whatever becomes of it. */
  onStarted(child: SupervisedChild): void;
}

const READY_TIMEOUT_MS = 20_000;
const POLL_MS = 50;

/** @throws CommandError `TRACKER_FAILED` with what the tracker said */
export async function startDemoTracker(start: DemoTrackerStart): Promise<DemoTracker> {
  const { folder, topology, speeds, announceEverySeconds, debug, onStarted } = start;
  const topologyFile = join(folder, "topology.txt");
  await mkdir(folder, { recursive: true });
  await writeFile(topologyFile, topology);
  const flags = {
    host: "127.0.0.1",
    port: "0",
    "data-dir": join(folder, "data"),
    "topology-file": topologyFile,
    "announce-every": `${announceEverySeconds}`,
    "uplink-mbits": `${speeds.uplinkMbps}`,
    "access-mbits": `${speeds.accessMbps}`,
    "origin-mbits": `${speeds.originMbps}`,
  };
  const { executable, args } = trackerInvocation(
    Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
  );
  // Nothing of the user's own tracker settings may reach this one.
  const env = { PATH: process.env["PATH"], ...(debug && { DEBUG: "1" }) };
  const child = await startChild({ executable, args, cwd: folder, env, logFile: join(folder, "tracker.log") });
  onStarted(child);
  return { ...child, url: await untilReady(child, start.signal) };
}

/** It prints its address when it listens. */
async function untilReady(child: SupervisedChild, signal: AbortSignal): Promise<string> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  const end = child.exited.then(describeExit);
  for (;;) {
    const url = /listening on (http:\/\/\S+)/.exec(child.output())?.[1];
    if (url && (await answers(`${url}/readyz`))) return url;
    const ended = await Promise.race([end, delay(POLL_MS, undefined, { signal })]);
    if (ended !== undefined) throw failed(ended, child);
    if (Date.now() > deadline) throw failed(`was not ready within ${READY_TIMEOUT_MS / 1000} s`, child);
  }
}

async function answers(url: string): Promise<boolean> {
  return await fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

function failed(how: string, child: SupervisedChild): CommandError {
  const said = child.output().trim().split("\n").slice(-5).join("\n");
  return new CommandError(
    "TRACKER_FAILED",
    `The demo's tracker ${how}, saying:\n${said}\nRun: rackcast tracker --help`,
  );
}
