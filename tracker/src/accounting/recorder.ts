// Gathers the reports of announces, and hands them to the ledger some at a time: all of accounting that the announce path waits for.
import { BATCH_DELTAS, type Recorded } from "./ledger.ts";
import type { TrafficReport } from "./traffic-report.ts";

export interface RecorderOptions {
  /** Of a ledger. Called again only when it has settled; a batch that is rejected comes again. */
  readonly record: (reports: readonly TrafficReport[]) => Promise<Recorded>;
  readonly onRecorded: (recorded: Recorded) => void;
  readonly log: { error(details: object, message: string): void; info(details: object, message: string): void };
}

export interface Recorder {
  /**
   * A promise for the first and the last report of a client: the announce is answered when it resolves, because nothing that comes later would
   * contain what they say. It never rejects, and takes a second at most. All others are in the client's next report, should they be lost.
   */
  note(report: TrafficReport): Promise<void> | undefined;
  /** The ledger does not keep up, or cannot be written. */
  isFull(): boolean;
  /** Reports that wait, and those there was no room for. */
  counts(): RecorderCounts;
  /** Resolves when all that was noted is recorded, or cannot be. */
  close(): Promise<void>;
}

export interface RecorderCounts {
  readonly waiting: number;
  /** In the clients' next reports, if those come. */
  readonly skipped: number;
  /** First and last reports of clients: what they said is lost. */
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
  const waiting: TrafficReport[] = [];
  const answers = createAnswers();
  const dropped = { skipped: 0, lost: 0 };
  let timer: NodeJS.Timeout | undefined;
  let armedMs = Number.POSITIVE_INFINITY;
  let writing: Promise<void> | undefined;
  let isFailing = false;
  let isClosing = false;

  function note(report: TrafficReport): Promise<void> | undefined {
    const isAwaited = report.event === "started" || report.event === "stopped";
    if (waiting.length >= (isAwaited ? MOST_AWAITED : MOST_WAITING)) {
      dropped[isAwaited ? "lost" : "skipped"]++;
      return undefined;
    }
    waiting.push(report);
    if (waiting.length >= BATCH_DELTAS) arm(0);
    else arm(isAwaited ? TOGETHER_MS : EVERY_MS);
    return isAwaited && !isFailing ? answers.after(waiting.length) : undefined;
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
      if (waiting.length > 0) arm(isFailing ? AGAIN_AFTER_MS : EVERY_MS);
    });
  }

  async function writeDue(): Promise<void> {
    do await writeBatch();
    while (!isFailing && waiting.length > 0 && (waiting.length >= BATCH_DELTAS || answers.areDue() || isClosing));
  }

  async function writeBatch(): Promise<void> {
    const batch = waiting.slice(0, BATCH_DELTAS);
    try {
      onRecorded(await record(batch));
      waiting.splice(0, batch.length);
      answers.give(batch.length);
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
    if (fails)
      log.error(
        { err },
        "what clients moved cannot be recorded; it is tried again, and announces are answered meanwhile",
      );
    else log.info({}, "what clients moved is recorded again");
  }

  return {
    note,
    isFull: () => waiting.length >= MOST_WAITING,
    counts: () => ({ waiting: waiting.length, ...dropped }),
    async close() {
      isClosing = true;
      clearTimeout(timer);
      await writing;
      if (waiting.length > 0) await writeDue();
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
    /** So many more were recorded. */
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
