// One wave: the driver loads, the tracker is watched, complete hosts are verified; ends when every host is settled, or in time.
import { setTimeout as delay } from "node:timers/promises";
import type { TrackerClient } from "../api/tracker-client.ts";
import type { DistributionDriver, HostFailure, LoadableRelease, TargetHost } from "../distribution/driver.ts";
import { isTrackerAway } from "../errors.ts";
import { escaped } from "../output/escaping.ts";
import { formatSeconds, formatShare } from "../output/units.ts";
import { countOf, type HostBoard, type HostStanding, isSettled, verifiedShare } from "./host-board.ts";

export interface WaveRun {
  readonly client: TrackerClient;
  readonly driver: DistributionDriver;
  readonly release: LoadableRelease;
  readonly hosts: readonly TargetHost[];
  readonly board: HostBoard;
  /** 0..1 of the wave's hosts that are enough. */
  readonly minShare: number;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  /** As drivers have it. */
  readonly anew: boolean;
  onLoaded(): Promise<void>;
  onLook(): void;
  onTrackerAway(): void;
}

const LOOK_EVERY_MS = 1000;
/** A driver's call may be dear, so complete hosts wait this long for others to be verified along with them. */
const GATHER_MS = 10_000;
/** What the tracker takes. */
const LONGEST_MESSAGE = 500;
/** How much longer than the wave a verification may take that began in time. */
const VERIFYING_MS = 60_000;

/** Throws what concerns all hosts; hosts that are late are failed on the board with `TIMED_OUT`. */
export async function runWave(run: WaveRun): Promise<void> {
  const { board, hosts, driver, release, minShare } = run;
  const deadline = performance.now() + run.timeoutSeconds * 1000;
  await look(run);
  const todo = unsettled(board.of(hosts));
  // A host that was complete may be found corrupt now, and fetch what is wrong.
  board.restart(todo);
  if (todo.length > 0) await settle(run, driver.load(release, todo, { anew: run.anew, onLoaded: showLoaded(run) }));
  await run.onLoaded();
  const verification = createVerification(run);
  while (!isOver(board.of(hosts), minShare)) {
    await look(run);
    await verification.step();
    const remainingMs = deadline - performance.now();
    if (remainingMs <= (verification.isRunning() ? -VERIFYING_MS : 0))
      return void (await settle(run, Promise.resolve(late(run))));
    if (!isOver(board.of(hosts), minShare)) {
      await delay(Math.min(LOOK_EVERY_MS, Math.max(remainingMs, 100)), undefined, { signal: run.signal });
    }
  }
}

function showLoaded({ board, onLook }: WaveRun): (hostName: string) => void {
  return (hostName) => {
    board.load(hostName);
    onLook();
  };
}

function isOver(standings: readonly HostStanding[], minShare: number): boolean {
  return standings.every(isSettled) || (minShare < 1 && verifiedShare(standings) >= minShare);
}

function unsettled(standings: readonly HostStanding[]): TargetHost[] {
  return standings.filter((standing) => !isSettled(standing)).map(({ host }) => host);
}

/** The hosts go on while the tracker is away. */
async function look({ client, release, board, onLook, onTrackerAway }: WaveRun): Promise<void> {
  try {
    board.observe(await client.show(release.infoHash));
    onLook();
  } catch (error) {
    if (!isTrackerAway(error)) throw error;
    onTrackerAway();
  }
}

/** Puts what a driver found on the board, and into the tracker, so that `status` and a later run know of it. */
async function settle(run: WaveRun, failing: Promise<readonly HostFailure[]>): Promise<readonly HostFailure[]> {
  const failures = await failing;
  run.board.fail(failures);
  for (const { host, code, message } of failures) {
    await report(run, host, { state: "failed", code, message: escaped(message).slice(0, LONGEST_MESSAGE) });
  }
  run.onLook();
  return failures;
}

async function report(
  { client, release }: WaveRun,
  { address }: TargetHost,
  said: { state: "verified" } | { state: "failed"; code: string; message: string },
): Promise<void> {
  await client.report(release.infoHash, address, said);
}

interface Verification {
  /** Starts one when it is time; throws what the last one threw. */
  step(): Promise<void>;
  isRunning(): boolean;
}

function createVerification(run: WaveRun): Verification {
  const { driver, board, hosts, release, minShare } = run;
  let running: Promise<void> | undefined;
  const failures: unknown[] = [];
  let readySince: number | undefined;

  async function verify(ready: readonly TargetHost[]): Promise<void> {
    const found = await settle(run, driver.verify?.(release, ready) ?? Promise.resolve([]));
    const failed = new Set(found.map(({ host }) => host.address));
    const right = ready.filter(({ address }) => !failed.has(address));
    for (const host of right) await report(run, host, { state: "verified" });
    board.verify(right);
    run.onLook();
  }

  return {
    isRunning: () => running !== undefined,
    async step() {
      throwFirst(failures);
      if (!driver.verify || running) return;
      const standings = board.of(hosts);
      const ready = standings.filter(({ state }) => state === "complete").map(({ host }) => host);
      if (ready.length === 0) return;
      readySince ??= performance.now();
      const isEnough = ready.length + countOf(standings, "verified") >= minShare * hosts.length;
      const isLast = ready.length === unsettled(standings).length;
      if (!isEnough && !isLast && performance.now() - readySince < GATHER_MS) return;
      readySince = undefined;
      running = verify(ready)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => (running = undefined));
      // What is verified at once is seen at once.
      await Promise.race([running, delay(LOOK_EVERY_MS)]);
      throwFirst(failures);
    },
  };
}

function throwFirst(failures: readonly unknown[]): void {
  if (failures.length > 0) throw failures[0];
}

function late({ board, hosts, timeoutSeconds, release }: WaveRun): HostFailure[] {
  const after = formatSeconds(timeoutSeconds);
  return board
    .of(hosts)
    .filter((standing) => !isSettled(standing))
    .map(({ host, state, progress }) => ({
      host,
      code: "TIMED_OUT",
      message: `${lateness(state, progress)} after ${after}; see rackcast explain ${release.name} ${host.address}`,
    }));
}

function lateness(state: HostStanding["state"], progress: number): string {
  if (state === "waiting" || state === "loaded") return "had not asked the tracker";
  if (state === "complete") return "was complete but had not verified it";
  return `had ${formatShare(progress)}`;
}
