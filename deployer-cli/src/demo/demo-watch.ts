// Watches the hosts' own counters until the last one is complete.
import { setTimeout as delay } from "node:timers/promises";
import { CommandError } from "../errors.ts";
import { formatSeconds } from "../output/units.ts";
import { describeExit } from "../rtorrent/supervised-child.ts";
import type { DemoClient } from "./demo-client.ts";
import type { SourceLedger } from "./source-ledger.ts";

export interface HostProgress {
  readonly rack: string;
  readonly address: string;
  readonly completedBytes: number;
  /** Undefined until the host is complete. */
  readonly seconds: number | undefined;
}

export interface DemoWatch {
  readonly clients: readonly DemoClient[];
  readonly infoHash: string;
  readonly ledger: SourceLedger;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  onLook(hosts: readonly HostProgress[], elapsedSeconds: number): void;
}

const LOOK_EVERY_MS = 250;

/** Resolves to the seconds by address. Throws `TIMED_OUT`, or `RTORRENT_FAILED` when a client ends. */
export async function watchHosts(watch: DemoWatch): Promise<ReadonlyMap<string, number>> {
  const startedAt = performance.now();
  const done = new Map<string, number>();
  for (;;) {
    const hosts = await Promise.all(watch.clients.map((client) => look(client, watch)));
    const elapsedSeconds = (performance.now() - startedAt) / 1000;
    for (const { address, isComplete } of hosts) {
      if (isComplete && !done.has(address)) done.set(address, elapsedSeconds);
    }
    watch.onLook(
      hosts.map((host) => ({ ...host, seconds: done.get(host.address) })),
      elapsedSeconds,
    );
    if (done.size === watch.clients.length) return done;
    if (elapsedSeconds > watch.timeoutSeconds) throw timedOut(watch, done);
    await delay(LOOK_EVERY_MS, undefined, { signal: watch.signal });
  }
}

async function look({ host, rtorrent }: DemoClient, { infoHash, ledger }: DemoWatch) {
  const { address, rack } = host;
  try {
    const download = (await rtorrent.control.list()).find(({ hash }) => hash === infoHash);
    if (!download) return { address, rack, completedBytes: 0, isComplete: false };
    // In this order, as the ledger wants it.
    const peers = await rtorrent.control.peers(infoHash);
    ledger.observe(address, { downTotal: download.downTotal, peers });
    return { address, rack, completedBytes: download.completedBytes, isComplete: download.complete };
  } catch (error) {
    throw await whyAway({ host, rtorrent }, error);
  }
}

const ENDING_MS = 500;

/** A client that does not answer because it has ended is told as that. */
async function whyAway({ host, rtorrent }: Pick<DemoClient, "host" | "rtorrent">, error: unknown): Promise<unknown> {
  const exit = await Promise.race([rtorrent.exited, delay(ENDING_MS)]);
  if (!exit) return error;
  const said = rtorrent.output().trim();
  const message = `The rtorrent of ${host.address} ${describeExit(exit)}${said && `, saying:\n${said}`}`;
  return new CommandError("RTORRENT_FAILED", `${message}\nRun again with --keep and see ${host.name}/rtorrent.log.`);
}

function timedOut({ clients, timeoutSeconds }: DemoWatch, done: ReadonlyMap<string, number>): CommandError {
  const missing = clients.map(({ host }) => host.address).filter((address) => !done.has(address));
  const message = `After ${formatSeconds(timeoutSeconds)}, ${missing.length} of ${clients.length} hosts are incomplete: ${missing.join(", ")}.`;
  return new CommandError(
    "TIMED_OUT",
    `${message}\nRun again with --keep and see the logs of the tracker and these hosts.`,
  );
}
