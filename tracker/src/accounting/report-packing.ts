// Reports on their way between threads: columns of text and numbers are copied in a quarter of the time that objects take.
import type { AnnounceEvent } from "../swarm/announce.ts";
import type { InfoHash, PeerId } from "../swarm/identifiers.ts";
import type { TrafficReport } from "./traffic-report.ts";

/** One entry a report in every column. */
export interface PackedReports {
  readonly infoHashes: readonly InfoHash[];
  readonly peerIds: readonly PeerId[];
  readonly users: readonly string[];
  /** `""` where it is the user. */
  readonly addresses: readonly string[];
  readonly racks: readonly string[];
  /** Event and whether it is unserved, then the amounts and the time, `NUMBERS` of each. */
  readonly numbers: Float64Array;
}

const NUMBERS = 6;
const EVENTS: readonly AnnounceEvent[] = ["none", "started", "completed", "stopped", "paused"];

export function packReports(reports: readonly TrafficReport[]): PackedReports {
  const numbers = new Float64Array(reports.length * NUMBERS);
  let at = 0;
  for (const { event, isUnserved, uploaded, downloaded, left, reportedAt } of reports) {
    numbers[at++] = EVENTS.indexOf(event);
    numbers[at++] = isUnserved ? 1 : 0;
    numbers[at++] = uploaded;
    numbers[at++] = downloaded;
    numbers[at++] = left;
    numbers[at++] = reportedAt;
  }
  return {
    infoHashes: reports.map(({ infoHash }) => infoHash),
    peerIds: reports.map(({ peerId }) => peerId),
    users: reports.map(({ user }) => user),
    addresses: reports.map(({ user, address }) => (address === user ? "" : address)),
    racks: reports.map(({ rack }) => rack),
    numbers,
  };
}

export function unpackReports({
  infoHashes,
  peerIds,
  users,
  addresses,
  racks,
  numbers,
}: PackedReports): TrafficReport[] {
  return infoHashes.map((infoHash, index) => {
    const [event = 0, isUnserved = 0, uploaded = 0, downloaded = 0, left = 0, reportedAt = 0] = numbers.subarray(
      index * NUMBERS,
      (index + 1) * NUMBERS,
    );
    const user = textAt(users, index);
    return {
      infoHash,
      peerId: textAt(peerIds, index) as PeerId,
      user,
      address: textAt(addresses, index) || user,
      rack: textAt(racks, index),
      event: EVENTS[event] ?? "none",
      uploaded,
      downloaded,
      left,
      reportedAt,
      isUnserved: isUnserved === 1,
    };
  });
}

function textAt(column: readonly string[], index: number): string {
  return column[index] ?? "";
}
