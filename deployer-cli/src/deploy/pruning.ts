// Takes old releases of a series out of service, and off the hosts.
import type { Transfer } from "../api/resources.ts";
import type { TrackerClient } from "../api/tracker-client.ts";
import type { DistributionDriver, HostFailure, TargetHost } from "../distribution/driver.ts";
import type { Terminal } from "../output/terminal.ts";
import { outdatedReleases } from "./release-history.ts";

export interface Pruning {
  readonly client: TrackerClient;
  readonly driver: DistributionDriver;
  readonly hosts: readonly TargetHost[];
  readonly series: string;
  /** How many of the newest active releases stay; at least 1. */
  readonly keep: number;
}

export interface PruneOutcome {
  readonly removed: readonly Transfer[];
  readonly failures: readonly HostFailure[];
}

/** Releases that are inactive already are removed once more, for the sake of hosts that were away. */
export async function pruneSeries({ client, driver, hosts, series, keep }: Pruning): Promise<PruneOutcome> {
  const removed = outdatedReleases(await client.list(), series, keep);
  if (removed.length === 0) return { removed, failures: [] };
  const failures = (await driver.remove?.(removed, hosts)) ?? [];
  for (const { infoHash, state } of removed) if (state === "active") await client.deactivate(infoHash);
  return { removed, failures };
}

/** Of a deploy or rollback, which are done all the same. */
export function noteFailures(failures: readonly HostFailure[], terminal: Terminal): void {
  for (const { host, code, message } of failures) terminal.note(`Not removed on ${host.name}: ${code}: ${message}`);
}
