// What a report adds to what is known of its client: the rules of accounting (seed 002), as one pure function.
import type { AnnounceEvent } from "../swarm/announce.ts";
import type { DeltaFlag } from "./delta.ts";
import type { TrafficReport } from "./traffic-report.ts";

/** What is known of one client in one swarm: what its counters said last, and what was moved and is in no delta yet. */
export interface Baseline {
  /** Whom it is counted for. A client's addresses may be two; the first counts. */
  readonly user: string;
  readonly address: string;
  readonly rack: string;
  readonly uploaded: number;
  readonly downloaded: number;
  readonly left: number;
  /** Milliseconds since the epoch. */
  readonly heardAt: number;
  readonly held: Amount;
}

export interface Amount {
  /** Bytes. */
  readonly uploaded: number;
  readonly downloaded: number;
  /** Milliseconds of being complete. */
  readonly seededMs: number;
}

export interface CountingRules {
  /** The fastest link of a host: more than it carries is not believed (`LINK_MBITS`). */
  readonly linkMbits: number;
  /** There is room for one more delta; without, what it would say is held. */
  readonly hasRoom: boolean;
}

/** A delta before it is numbered. */
export interface Emission extends Amount {
  readonly event: AnnounceEvent | "expired";
  readonly flag: DeltaFlag;
}

export interface Counted {
  /** Undefined: nothing is known of the client any more. */
  readonly baseline: Baseline | undefined;
  /** What the report itself added. */
  readonly added: Amount;
  readonly emission: Emission | undefined;
  readonly isOutOfOrder: boolean;
}

export const NOTHING: Amount = { uploaded: 0, downloaded: 0, seededMs: 0 };

/** Announces of one client over two ways overtake each other by less; a client that starts again takes longer. */
const OVERTAKING_MS = 5_000;
/** Clients report some bytes later than they moved them. */
const LATE_MS = 60_000;
const BYTES_PER_MBIT_MS = 1e6 / 8 / 1000;

/**
 * The first report is the baseline. Later ones add what the counters went up since; what did not change makes no delta; `stopped` makes one
 * always, and ends what is known. Counters that went back are a restart, unless the report was overtaken by a later one.
 */
export function count(known: Baseline | undefined, report: TrafficReport, rules: CountingRules): Counted {
  if (known === undefined) return begun(report);
  if (isOvertaken(known, report)) return { ...unchanged(known), isOutOfOrder: true };
  const flag = flagOf(known, report, rules.linkMbits);
  const added = amountSince(known, report, flag);
  return settled({ known, report, added, flag, rules });
}

/** Of a client that fell silent. */
export function expire(known: Baseline, { hasRoom }: Pick<CountingRules, "hasRoom">): Counted {
  const isEmpty = isNothing(known.held);
  if (!isEmpty && !hasRoom) return unchanged(known);
  const emission = isEmpty ? undefined : { ...known.held, event: "expired" as const, flag: "none" as const };
  return { baseline: undefined, added: NOTHING, emission, isOutOfOrder: false };
}

function begun(report: TrafficReport): Counted {
  const isCounted = report.event !== "stopped" && !report.isUnserved;
  const baseline = isCounted ? baselineOf(report, report, NOTHING) : undefined;
  return { baseline, added: NOTHING, emission: undefined, isOutOfOrder: false };
}

function unchanged(known: Baseline): Counted {
  return { baseline: known, added: NOTHING, emission: undefined, isOutOfOrder: false };
}

interface Settling {
  readonly known: Baseline;
  readonly report: TrafficReport;
  readonly added: Amount;
  readonly flag: DeltaFlag;
  readonly rules: CountingRules;
}

/** The last delta of a client has room always: there are no more of those than clients. */
function settled({ known, report, added, flag, rules }: Settling): Counted {
  const isLast = report.event === "stopped";
  const due = sum(known.held, added);
  const isWorthTelling = isLast || flag !== "none" || due.uploaded + due.downloaded > 0;
  const isTold = isWorthTelling && (isLast || rules.hasRoom);
  const emission = isTold ? { ...due, event: report.event, flag } : undefined;
  const place = report.isUnserved ? known : report;
  const baseline = isLast ? undefined : baselineOf(report, { ...place, user: known.user }, isTold ? NOTHING : due);
  return { baseline, added, emission, isOutOfOrder: false };
}

function baselineOf(
  { uploaded, downloaded, left, reportedAt }: TrafficReport,
  { user, address, rack }: Pick<Baseline, "user" | "address" | "rack">,
  held: Amount,
): Baseline {
  return { user, address, rack, uploaded, downloaded, left, heardAt: reportedAt, held };
}

function isOvertaken(known: Baseline, { event, uploaded, downloaded, reportedAt }: TrafficReport): boolean {
  const wentBack = uploaded < known.uploaded || downloaded < known.downloaded;
  return wentBack && event !== "started" && reportedAt - known.heardAt < OVERTAKING_MS;
}

function flagOf(known: Baseline, { uploaded, downloaded, reportedAt }: TrafficReport, linkMbits: number): DeltaFlag {
  const [up, down] = [uploaded - known.uploaded, downloaded - known.downloaded];
  if (up < 0 || down < 0) return "restarted";
  const carriedBytes = (Math.max(0, reportedAt - known.heardAt) + LATE_MS) * linkMbits * BYTES_PER_MBIT_MS;
  return up > carriedBytes || down > carriedBytes ? "implausible" : "none";
}

/** Two families or front ends may tell the same: what counts is what is new. Time between two reports of a complete client was spent seeding. */
function amountSince(known: Baseline, report: TrafficReport, flag: DeltaFlag): Amount {
  if (flag === "restarted") return NOTHING;
  const isSeeding = known.left === 0 && report.left === 0;
  const seededMs = isSeeding ? Math.max(0, report.reportedAt - known.heardAt) : 0;
  if (flag === "implausible") return { ...NOTHING, seededMs };
  return {
    uploaded: report.uploaded - known.uploaded,
    downloaded: report.downloaded - known.downloaded,
    seededMs,
  };
}

function sum(one: Amount, other: Amount): Amount {
  return {
    uploaded: one.uploaded + other.uploaded,
    downloaded: one.downloaded + other.downloaded,
    seededMs: one.seededMs + other.seededMs,
  };
}

function isNothing({ uploaded, downloaded, seededMs }: Amount): boolean {
  return uploaded === 0 && downloaded === 0 && seededMs === 0;
}
