// What hosts report of releases that they hold: the interface that the SQLite and the Redis registry implement.
import type { InfoHash } from "../swarm/identifiers.ts";

export const HOST_REPORT_STATES = ["verified", "failed"] as const;

/** verified: every file on the host is as the torrent says, and the release is where it belongs. */
export type HostReportState = (typeof HOST_REPORT_STATES)[number];

export interface HostReport {
  /** The host's, in canonical text form. */
  readonly address: string;
  readonly state: HostReportState;
  /** Why it failed, for programs. */
  readonly code: string | undefined;
  /** Why it failed, in a line for people. */
  readonly message: string | undefined;
  /** Milliseconds since the epoch, by the tracker's clock. */
  readonly reportedAt: number;
}

/** A transfer has so many at most, one a host: as many as it may have targets. */
export const MOST_REPORTS = 100_000;

/**
 * The latest report of each host on each active transfer. The end of a transfer ends its reports; those that an activation made out
 * of date are still there. Once the promise of `put` resolves the report outlives the process.
 * Throws `TRANSFER_NOT_ACTIVE`, `REPORTS_FULL`, and what the registry throws (registry/errors.ts).
 */
export interface HostReports {
  /** Takes the place of the host's report before. */
  put(infoHash: InfoHash, report: HostReport): Promise<void>;
  find(infoHash: InfoHash, address: string): Promise<HostReport | undefined>;
  /** In order of time. */
  list(infoHash: InfoHash): Promise<readonly HostReport[]>;
}

/** For `list`; reports of one instant in order of their addresses. */
export function reportsInOrder(reports: Iterable<HostReport>): readonly HostReport[] {
  return [...reports].sort((one, other) => one.reportedAt - other.reportedAt || (one.address < other.address ? -1 : 1));
}
