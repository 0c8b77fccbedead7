// Clients whose counters go up, and what a ledger should make of what they report.
import type { Delta } from "../../tracker/src/accounting/delta.ts";
import type { Ledger } from "../../tracker/src/accounting/ledger.ts";
import type { TrafficReport } from "../../tracker/src/accounting/traffic-report.ts";
import type { InfoHash, PeerId } from "../../tracker/src/swarm/identifiers.ts";

export const INFO_HASH = "ab".repeat(20) as InfoHash;
export const START = 1_700_000_000_000;
const GIB = 2 ** 30;

/** Of a leecher that has just started, unless changed. */
export function reportOf(name: string, change: Partial<TrafficReport> = {}): TrafficReport {
  return {
    infoHash: INFO_HASH,
    peerId: `-lt0D80-${name.padEnd(12, "\xff")}` as PeerId,
    user: `10.0.0.${name}`,
    address: `10.0.0.${name}`,
    rack: "rack1",
    event: "none",
    uploaded: 0,
    downloaded: 0,
    left: GIB,
    reportedAt: START,
    isUnserved: false,
    ...change,
  };
}

/** Takes all that wait, as a sink that works does. */
export async function drain(ledger: Ledger, most = 100): Promise<Delta[]> {
  const drained: Delta[] = [];
  for (;;) {
    const batch = await ledger.pending(most);
    const last = batch.at(-1);
    if (last === undefined) return drained;
    drained.push(...batch);
    await ledger.release(last);
  }
}

export function sumOf(deltas: readonly Delta[]) {
  return deltas.reduce(
    (sum, { deltaUploaded, deltaDownloaded, secondsSeeded }) => ({
      uploaded: sum.uploaded + deltaUploaded,
      downloaded: sum.downloaded + deltaDownloaded,
      seededMs: sum.seededMs + Math.round(secondsSeeded * 1000),
    }),
    { uploaded: 0, downloaded: 0, seededMs: 0 },
  );
}
