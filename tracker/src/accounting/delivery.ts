// Hands the deltas that wait in the ledger over to the sink, oldest first, and has them forgotten once the sink has them.
import type { Delta } from "./delta.ts";
import type { DeltaSink } from "./delta-sink.ts";
import { createOutage, type DeliveryFailure, type DeliveryLog } from "./delivery-outage.ts";
import { BATCH_DELTAS, type Ledger } from "./ledger.ts";

export interface DeliveryOptions {
  readonly ledger: Pick<Ledger, "pending" | "release">;
  readonly sink: DeltaSink;
  /** Of the trackers that share a ledger, one delivers. */
  readonly isLeading: () => boolean;
  /** Other trackers put deltas into the ledger, too, and wake nobody here: it is looked into every second. */
  readonly isShared: boolean;
  readonly log: DeliveryLog;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** 0 inclusive to 1 exclusive. */
  readonly random: () => number;
}

export interface Delivery {
  /** To be called whenever deltas were added to the ledger, which is not looked into otherwise; with how many wait, where that is known. */
  wake(pendingCount?: number): void;
  status(): DeliveryStatus;
  /** Waits for the batch that is under way, 5 s at most; what waits still is delivered after the next start. Closes neither ledger nor sink. */
  close(): Promise<void>;
}

export interface DeliveryStatus {
  /** Deltas since the start. */
  readonly delivered: number;
  /** Milliseconds since the epoch; undefined before the first. */
  readonly deliveredAt: number | undefined;
  /** Undefined while all is well. */
  readonly failure: DeliveryFailure | undefined;
}

/** How long a batch is gathered that is not full. */
const GATHER_MS = 1_000;
const CLOSE_MS = 5_000;

/** A batch comes again as it was, so that a sink which knows batches by their ids knows it. */
interface Held {
  readonly deltas: readonly Delta[];
  isTaken: boolean;
}

/** What becomes of the next try. */
type Outcome = "more" | "done" | { readonly retryInMs: number };

/** Begins with what waited before the start. */
export function startDelivery(options: DeliveryOptions): Delivery {
  const { ledger, sink, isLeading, isShared, log, now, random } = options;
  const outage = createOutage({ log, now, random });
  let phase: "idle" | "gathering" | "delivering" | "resting" = "idle";
  let timer: NodeJS.Timeout | undefined;
  let underWay = Promise.resolve();
  let held: Held | undefined;
  let isWoken = false;
  let waiting = 0;
  let delivered = 0;
  let deliveredAt: number | undefined;
  let isClosed = false;

  function deliverIn(delayMs: number, meanwhile: "gathering" | "resting"): void {
    clearTimeout(timer);
    phase = meanwhile;
    timer = setTimeout(deliverNow, delayMs).unref();
  }

  function deliverNow(): void {
    clearTimeout(timer);
    phase = "delivering";
    underWay = deliver().then(goOn);
  }

  async function deliver(): Promise<Outcome> {
    if (!isLeading()) {
      // What it was about to hand over may be another tracker's by now.
      held = undefined;
      outage.dismiss();
      return "done";
    }
    try {
      return await handOver((held ??= await nextBatch()));
    } catch (error) {
      return { retryInMs: outage.note(error) };
    }
  }

  async function nextBatch(): Promise<Held> {
    isWoken = false;
    return { deltas: await ledger.pending(BATCH_DELTAS), isTaken: false };
  }

  async function handOver(batch: Held): Promise<Outcome> {
    const { deltas } = batch;
    const last = deltas.at(-1);
    if (last !== undefined) {
      if (!batch.isTaken) await sink.write(deltas);
      batch.isTaken = true;
      await ledger.release(last);
      delivered += deltas.length;
      deliveredAt = now();
    }
    held = undefined;
    outage.end(Math.max(deltas.length, waiting));
    waiting = Math.max(0, waiting - deltas.length);
    return deltas.length < BATCH_DELTAS ? "done" : "more";
  }

  function goOn(outcome: Outcome): void {
    phase = "idle";
    if (isClosed) return;
    if (outcome === "more") deliverNow();
    else if (outcome !== "done") deliverIn(outcome.retryInMs, "resting");
    else if (isWoken || isShared) deliverIn(GATHER_MS, "gathering");
  }

  deliverNow();
  return {
    wake(pendingCount = 0) {
      waiting = pendingCount;
      isWoken = true;
      if (isClosed || phase === "delivering" || phase === "resting") return;
      if (pendingCount >= BATCH_DELTAS) deliverNow();
      else if (phase === "idle") deliverIn(GATHER_MS, "gathering");
    },
    status: () => ({ delivered, deliveredAt, failure: outage.current() }),
    async close() {
      isClosed = true;
      clearTimeout(timer);
      const patience = Promise.withResolvers<void>();
      const limit = setTimeout(patience.resolve, CLOSE_MS);
      await Promise.race([underWay, patience.promise]);
      clearTimeout(limit);
    },
  };
}
