// Counts reports into Redis: reads what is known, decides, and writes that down unless something has changed meanwhile. Each report is counted
// once, though an answer of Redis may be lost.
import { count, type Counted } from "../counting.ts";
import { LedgerError, type Recorded } from "../ledger.ts";
import { recordedOf } from "../tally.ts";
import type { TrafficReport } from "../traffic-report.ts";
import { createDraft, type DeltaLimits } from "./ledger-draft.ts";
import { type LedgerRecords, randomToken } from "./ledger-records.ts";

export interface RecordingRules extends DeltaLimits {
  /** See `CountingRules`. */
  readonly linkMbits: number;
}

/** What is written at once. */
interface Batch {
  readonly reports: readonly TrafficReport[];
  readonly mark: string;
  /** What was made of it when it was last sent. */
  counted: readonly Counted[];
}

/** Before a batch is cut in half: another tracker has counted one of its clients each time. */
const ATTEMPTS = 4;

/** For one call at a time. */
export function createRecording(
  records: LedgerRecords,
  { linkMbits, ...limits }: RecordingRules,
): (reports: readonly TrafficReport[]) => Promise<Recorded> {
  /** Sent, and perhaps written: no answer came. */
  let unheard: Batch | undefined;
  /** Written, and not told yet: their call failed, so that they come again, or is under way. */
  let untold: Batch[] = [];

  /** How many deltas wait then; undefined when nothing was written, because others count the same clients. */
  async function write(batch: Batch): Promise<number | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const state = await records.read(batch.reports);
      if (state.mark === batch.mark) return state.pendingCount;
      const draft = createDraft(state, limits);
      batch.counted = batch.reports.map((report) =>
        draft.change(report, report.reportedAt, (known, hasRoom) => count(known, report, { linkMbits, hasRoom })),
      );
      if (draft.isEmpty()) return state.pendingCount;
      unheard = batch;
      const pendingCount = await records.commit(draft, { before: state.mark, after: batch.mark }).catch(noteRefusal);
      unheard = undefined;
      if (pendingCount !== undefined) return pendingCount;
    }
    return undefined;
  }

  /** What Redis answers with an error was not written. */
  function noteRefusal(error: unknown): never {
    if (error instanceof Error && error.name === "ReplyError") unheard = undefined;
    throw error;
  }

  async function finish(batch: Batch): Promise<void> {
    if ((await write(batch)) !== undefined) untold.push(batch);
    unheard = undefined;
  }

  /** In order, in ever smaller parts where it must be. */
  async function writeAll(reports: readonly TrafficReport[]): Promise<number> {
    let rest = reports;
    let size = reports.length;
    for (;;) {
      const batch = { reports: rest.slice(0, size), mark: randomToken(), counted: [] };
      const pendingCount = await write(batch);
      if (pendingCount !== undefined) {
        untold.push(batch);
        rest = rest.slice(size);
        if (rest.length === 0) return pendingCount;
      } else if (size > 1) size = Math.ceil(size / 2);
      else
        throw new LedgerError(
          "other trackers count the same clients all the time; see why they announce to all at once",
        );
    }
  }

  return async (reports) => {
    if (unheard !== undefined) await finish(unheard);
    const written = new Set(untold.flatMap((batch) => batch.reports.map(reportText)));
    const fresh = written.size === 0 ? reports : reports.filter((report) => !written.has(reportText(report)));
    const pendingCount = await writeAll(fresh);
    const counted = untold.flatMap((batch) => batch.counted);
    untold = [];
    return recordedOf(counted, pendingCount);
  };
}

/** Tells a report from another one. */
function reportText({ infoHash, peerId, address, event, uploaded, downloaded, left, reportedAt }: TrafficReport) {
  return [infoHash, peerId, address, event, uploaded, downloaded, left, reportedAt].join(" ");
}
