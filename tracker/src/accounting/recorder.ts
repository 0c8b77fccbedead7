// Gathers the reports of announces, and hands them on some at a time: all of accounting that the announce path waits for.
import { BATCH_DELTAS, type Recorded } from "./ledger.ts";
import { type Circumstances, type CountedAnnounce, type PackedReports, ReportBatch } from "./report-batch.ts";

export interface RecorderOptions {
  /** Called again only when it has settled; a batch that is rejected comes again. */
  readonly record: (reports: PackedReports) => Promise<Recorded>;
  readonly onRecorded: (recorded: Recorded) => void;
  readonly log: { error(details: object, message: string): void; info(details: object, message: string): void };
}

export interface Recorder {
  /**
   * A promise for the first and the last report of a client: the announce is answered when it resolves, because nothing that comes later would
   * contain what they say. It never rejects, and takes a second at most. All others are in the client's next report, should they be lost.
   */
  note(announce: CountedAnnounce, circumstances: Circumstances): Promise<void> | undefined;
  /** The ledger does not keep up, or cannot be written. */
  isFull(): boolean;
  counts(): RecorderCounts;
  /** Resolves when all that was noted is recorded, or cannot be. */
  close(): Promise<void>;
}

export interface RecorderCounts {
  /** Reports that are not recorded yet. */
  readonly waiting: number;
  /** Those there was no room for, and which the clients' next ones contain. */
  readonly skipped: number;
  /** First and last reports of clients that there was no room for: what they said is lost. */
  readonly lost: number;
}

const EVERY_MS = 1000;
/** As long as an answer waits for others that wait with it. */
const TOGETHER_MS = 5;
const ANSWER_AFTER_MS = 1000;
const AGAIN_AFTER_MS = 1000;
/** 64 batches: what a ledger that is written normally records in two or three seconds. */
const MOST_WAITING = 65_536;
const MOST_AWAITED = 4 * MOST_WAITING;

export function createRecorder({ record, onRecorded, log }: RecorderOptions): Recorder {
  /** Written from the front, added to at the back. */
  const batches: ReportBatch[] = [];
  const answers = createAnswers();
  const counts = { waiting: 0, skipped: 0, lost: 0 };
  let open: ReportBatch | undefined;
  /** Of one that was recorded: memory that is at hand costs less. */
  let spare: ReportBatch | undefined;
  let timer: NodeJS.Timeout | undefined;
  let armedMs = Number.POSITIVE_INFINITY;
  let writing: Promise<void> | undefined;
  let isFailing = false;
  let isClosing = false;

  function note(announce: CountedAnnounce, circumstances: Circumstances): Promise<void> | undefined {
    const isAwaited = announce.event === "started" || announce.event === "stopped";
    if (counts.waiting >= (isAwaited ? MOST_AWAITED : MOST_WAITING)) {
      counts[isAwaited ? "lost" : "skipped"]++;
      return undefined;
    }
    open ??= openBatch();
    open.add(announce, circumstances);
    counts.waiting++;
    if (open.isFull) open = undefined;
    if (counts.waiting >= BATCH_DELTAS) arm(0);
    else arm(isAwaited ? TOGETHER_MS : EVERY_MS);
    return isAwaited && !isFailing ? answers.after(counts.waiting) : undefined;
  }

  function openBatch(): ReportBatch {
    const batch = spare ?? new ReportBatch();
    spare = undefined;
    batches.push(batch);
    return batch;
  }

  /** Of two times the earlier counts. */
  function arm(ms: number): void {
    if (writing !== undefined || ms >= armedMs) return;
    clearTimeout(timer);
    armedMs = ms;
    timer = setTimeout(write, ms);
  }

  function write(): void {
    clearTimeout(timer);
    armedMs = Number.POSITIVE_INFINITY;
    writing ??= writeDue().finally(() => {
      writing = undefined;
      if (counts.waiting > 0) arm(isFailing ? AGAIN_AFTER_MS : EVERY_MS);
    });
  }

  async function writeDue(): Promise<void> {
    do await writeBatch();
    while (!isFailing && isDue());
  }

  function isDue(): boolean {
    return counts.waiting >= BATCH_DELTAS || (counts.waiting > 0 && (answers.areDue() || isClosing));
  }

  async function writeBatch(): Promise<void> {
    const [batch] = batches;
    if (batch === undefined) return;
    if (batch === open) open = undefined;
    try {
      onRecorded(await record(batch.pack()));
      batches.shift();
      counts.waiting -= batch.size;
      answers.give(batch.size);
      batch.clear();
      spare = batch;
      setFailing(false);
    } catch (error) {
      answers.give(Number.POSITIVE_INFINITY);
      setFailing(true, error);
    }
  }

  /** Told once, however often it is tried. */
  function setFailing(fails: boolean, err?: unknown): void {
    if (fails === isFailing) return;
    isFailing = fails;
    if (!fails) return log.info({}, "what clients move is recorded again");
    log.error(
      { err },
      "what clients move cannot be recorded; announces are answered all the same, and it is tried again",
    );
  }

  return {
    note,
    isFull: () => counts.waiting >= MOST_WAITING,
    counts: () => ({ ...counts }),
    async close() {
      isClosing = true;
      clearTimeout(timer);
      await writing;
      if (counts.waiting > 0) await writeDue();
    },
  };
}

/** Announces that are answered when a report is recorded, in the order of those. */
function createAnswers() {
  const waiting: { readonly place: number; readonly resolve: () => void }[] = [];
  /** Of the report that was recorded last. */
  let recorded = 0;

  return {
    /** Resolves when so many more reports are recorded. */
    after(reports: number): Promise<void> {
      return new Promise((settle) => {
        const impatience = setTimeout(settle, ANSWER_AFTER_MS).unref();
        const resolve = () => {
          clearTimeout(impatience);
          settle();
        };
        waiting.push({ place: recorded + reports, resolve });
      });
    },
    areDue: () => waiting.length > 0,
    /** So many more were recorded; infinitely many for all that wait. */
    give(reports: number): void {
      const isAll = reports === Number.POSITIVE_INFINITY;
      if (!isAll) recorded += reports;
      for (let first = waiting[0]; first !== undefined && (isAll || first.place <= recorded); first = waiting[0]) {
        waiting.shift();
        first.resolve();
      }
    },
  };
}
