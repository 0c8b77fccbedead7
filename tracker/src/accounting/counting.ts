// What a report adds to what is known of its client: the rules of accounting (seed 002), as pure functions.
import type { InfoHash, PeerId } from "../swarm/identifiers.ts";
import { type DeltaFlag, peerIdText, type UnnumberedDelta } from "./delta.ts";
import type { TrafficReport } from "./traffic-report.ts";

/** What is known of one client in one swarm: what its counters said last, and what was moved and is in no delta yet. */
export interface Baseline {
  /** Whom it is counted for. A client may announce from two addresses; the first counts. */
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

export interface Addition extends Amount {
  readonly rack: string;
  readonly user: string;
}

export interface Counted {
  /** Undefined: nothing is known of the client any more. The same object: nothing changed. */
  readonly baseline: Baseline | undefined;
  /** What the report itself adds, told or not; undefined for nothing. */
  readonly addition: Addition | undefined;
  readonly delta: UnnumberedDelta | undefined;
  readonly verdict: DeltaFlag | "out-of-order";
}

const NOTHING: Amount = { uploaded: 0, downloaded: 0, seededMs: 0 };

/** Announces of one client over two ways overtake each other by less; a client that starts again takes longer. */
const OVERTAKING_MS = 5_000;
/** Longer than reports wait until they are recorded. What is older is of a clock that was set. */
const LATEST_MS = 3_600_000;
/** Clients report some bytes later than they moved them. */
const LATE_MS = 60_000;
const BYTES_PER_MBIT_MS = 1e6 / 8 / 1000;

/**
 * The first report is the baseline. Later ones add what the counters went up since; what did not change makes no delta; `stopped` makes one
 * always, and ends what is known. Counters that went back are a restart, unless the report was overtaken by a later one.
 */
export function count(known: Baseline | undefined, report: TrafficReport, rules: CountingRules): Counted {
  if (known === undefined) return begun(report);
  if (isOvertaken(known, report)) return { ...unchanged(known), verdict: "out-of-order" };
  const flag = flagOf(known, report, rules.linkMbits);
  const added = amountSince(known, report, flag);
  const due = sum(known.held, added);
  const isTold = isDue(due, flag, report, rules);
  const { rack, address } = report.isUnserved ? known : report;
  const place = { user: known.user, rack, address };
  return {
    baseline: report.event === "stopped" ? undefined : baselineOf(report, place, isTold ? NOTHING : due),
    addition: isNothing(added) ? undefined : { rack, user: known.user, ...added },
    delta: isTold ? deltaOf({ ...report, ...place }, due, flag) : undefined,
    verdict: flag,
  };
}

/** Of a client that fell silent. Without room what it holds is kept. */
export function expire(
  known: Baseline,
  client: { readonly infoHash: InfoHash; readonly peerId: PeerId; readonly now: number },
  { hasRoom }: Pick<CountingRules, "hasRoom">,
): Counted {
  const isEmpty = isNothing(known.held);
  if (!isEmpty && !hasRoom) return unchanged(known);
  const told = { ...known, ...client, event: "expired", reportedAt: client.now } as const;
  const delta = isEmpty ? undefined : deltaOf(told, known.held, "none");
  return { baseline: undefined, addition: undefined, delta, verdict: "none" };
}

function begun(report: TrafficReport): Counted {
  const isCounted = report.event !== "stopped" && !report.isUnserved;
  const baseline = isCounted ? baselineOf(report, report, NOTHING) : undefined;
  return { baseline, addition: undefined, delta: undefined, verdict: "none" };
}

function unchanged(known: Baseline): Counted {
  return { baseline: known, addition: undefined, delta: undefined, verdict: "none" };
}

/** A client's last delta has room always: there are no more of those than clients. */
function isDue(due: Amount, flag: DeltaFlag, { event }: TrafficReport, { hasRoom }: CountingRules): boolean {
  if (event === "stopped") return true;
  return hasRoom && (flag !== "none" || due.uploaded + due.downloaded > 0);
}

function baselineOf(
  { uploaded, downloaded, left, reportedAt }: TrafficReport,
  { user, address, rack }: Pick<Baseline, "user" | "address" | "rack">,
  held: Amount,
): Baseline {
  return { user, address, rack, uploaded, downloaded, left, heardAt: reportedAt, held };
}

type Telling = Pick<UnnumberedDelta, "user" | "infoHash" | "address" | "rack" | "event" | "left"> &
  Pick<TrafficReport, "peerId" | "reportedAt">;

function deltaOf(told: Telling, { uploaded, downloaded, seededMs }: Amount, flag: DeltaFlag): UnnumberedDelta {
  const { user, infoHash, peerId, address, rack, event, left, reportedAt } = told;
  return {
    user,
    infoHash,
    peerId: peerIdText(peerId),
    address,
    rack,
    event,
    deltaUploaded: uploaded,
    deltaDownloaded: downloaded,
    secondsSeeded: seededMs / 1000,
    left,
    flag,
    reportedAt: new Date(reportedAt).toISOString(),
  };
}

/** By counters that went back; or, where it went by another tracker, by its time. A goodbye comes last, whatever its time. */
function isOvertaken(known: Baseline, { event, uploaded, downloaded, reportedAt }: TrafficReport): boolean {
  const gapMs = reportedAt - known.heardAt;
  if (event === "started") return false;
  const wentBack = uploaded < known.uploaded || downloaded < known.downloaded;
  if (wentBack) return gapMs < OVERTAKING_MS;
  return gapMs < 0 && gapMs > -LATEST_MS && event !== "stopped";
}

function flagOf(known: Baseline, { uploaded, downloaded, reportedAt }: TrafficReport, linkMbits: number): DeltaFlag {
  const [up, down] = [uploaded - known.uploaded, downloaded - known.downloaded];
  if (up < 0 || down < 0) return "restarted";
  const carriedBytes = (Math.max(0, reportedAt - known.heardAt) + LATE_MS) * linkMbits * BYTES_PER_MBIT_MS;
  return up > carriedBytes || down > carriedBytes ? "implausible" : "none";
}

/** Time between two reports of a complete client was spent seeding. */
function amountSince(known: Baseline, report: TrafficReport, flag: DeltaFlag): Amount {
  if (flag === "restarted") return NOTHING;
  const isSeeding = known.left === 0 && report.left === 0;
  const seededMs = isSeeding ? Math.max(0, report.reportedAt - known.heardAt) : 0;
  if (flag === "implausible") return { ...NOTHING, seededMs };
  return { uploaded: report.uploaded - known.uploaded, downloaded: report.downloaded - known.downloaded, seededMs };
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
