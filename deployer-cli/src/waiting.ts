// Waits until a transfer's hosts are complete, through restarts of the tracker, and names who is missing in the end.
import { setTimeout as delay } from "node:timers/promises";
import type { TransferDetail } from "./api/resources.ts";
import type { TrackerClient } from "./api/tracker-client.ts";
import { CommandError, isTrackerAway } from "./errors.ts";
import { oneLine } from "./output/table.ts";
import { shortList } from "./output/transfer-tables.ts";
import { formatSeconds } from "./output/units.ts";

export interface Waiting {
  readonly client: TrackerClient;
  readonly infoHash: string;
  /** 0..1 of the hosts. */
  readonly minShare: number;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  onLook?(completion: Completion): void;
  onTrackerAway?(): void;
}

export interface Completion {
  readonly name: string;
  readonly infoHash: string;
  readonly doneHosts: number;
  readonly totalHosts: number;
  /** 0..1 of the bytes, as the tracker counts them. */
  readonly progress: number;
  readonly missingHosts: readonly string[];
}

const LOOK_EVERY_MS = 1000;
const NAMED_HOSTS = 20;

/** Throws `TIMED_OUT`, `TRANSFER_NOT_ACTIVE`, or what the tracker refuses with. */
export async function waitForHosts(waiting: Waiting): Promise<Completion> {
  const { timeoutSeconds, minShare, signal } = waiting;
  const deadline = performance.now() + timeoutSeconds * 1000;
  let last: Completion | undefined;
  for (;;) {
    last = (await look(waiting)) ?? last;
    if (last && isEnough(last, minShare)) return last;
    const remainingMs = deadline - performance.now();
    if (remainingMs <= 0) throw timedOut(last, timeoutSeconds);
    await delay(Math.min(LOOK_EVERY_MS, remainingMs), undefined, { signal });
  }
}

/** Undefined while the tracker is away: the hosts go on without it. */
async function look({ client, infoHash, onLook, onTrackerAway }: Waiting): Promise<Completion | undefined> {
  try {
    const transfer = await client.show(infoHash);
    refuseIdle(transfer);
    const completion = completionOf(transfer);
    onLook?.(completion);
    return completion;
  } catch (error) {
    if (!isTrackerAway(error)) throw error;
    onTrackerAway?.();
    return undefined;
  }
}

function refuseIdle({ name, state }: TransferDetail): void {
  if (state === "active") return;
  const message = `${oneLine(name)} is ${state}, so no host can get it; first: rackcast activate ${oneLine(name)}`;
  throw new CommandError("TRANSFER_NOT_ACTIVE", message);
}

/** Over the declared targets; without any, over the hosts that the tracker sees, origins apart. */
function completionOf(transfer: TransferDetail): Completion {
  const { name, infoHash, targets, progress } = transfer;
  const isDeclared = targets.length > 0;
  const seen = transfer.hosts.filter(({ role }) => role !== "origin");
  const missingHosts = isDeclared ? transfer.missingHosts : addresses(seen.filter(({ seeder }) => !seeder));
  const totalHosts = isDeclared ? targets.length : addresses(seen).length;
  return { name, infoHash, doneHosts: totalHosts - missingHosts.length, totalHosts, progress, missingHosts };
}

function addresses(hosts: readonly { readonly address: string }[]): string[] {
  return [...new Set(hosts.map(({ address }) => address))];
}

/** No hosts at all are never enough: nobody has asked yet. */
function isEnough({ doneHosts, totalHosts }: Completion, minShare: number): boolean {
  return totalHosts > 0 && doneHosts / totalHosts >= minShare;
}

function timedOut(last: Completion | undefined, timeoutSeconds: number): CommandError {
  const after = `Timed out after ${formatSeconds(timeoutSeconds)}`;
  if (!last)
    return new CommandError("TIMED_OUT", `${after}: the tracker did not answer. Start it again, then wait again.`);
  const { name, doneHosts, totalHosts, missingHosts } = last;
  if (totalHosts === 0) {
    return new CommandError(
      "TIMED_OUT",
      `${after}: no host has asked for ${oneLine(name)}. Load its torrent on the hosts.`,
    );
  }
  const message = `${after}: ${doneHosts} of ${totalHosts} hosts have ${oneLine(name)}; see rackcast status ${oneLine(name)} --hosts`;
  return new CommandError("TIMED_OUT", `${message}\nMissing: ${shortList(missingHosts, NAMED_HOSTS)}`);
}
