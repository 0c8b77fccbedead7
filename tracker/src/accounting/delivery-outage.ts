// While deltas cannot be handed over: since when and why, how long the next try is put off, and what is logged of it, once.
import { SinkError } from "./delta-sink.ts";
import { LedgerError } from "./ledger.ts";

export interface DeliveryLog {
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
}

export interface DeliveryFailure {
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Of the latest try: cause and remedy. */
  readonly why: string;
}

export interface Outage {
  /** Of a try that failed. Returns how many milliseconds the next one is put off. */
  note(error: unknown): number;
  /** Of a try that did not; so many deltas had waited. */
  end(waited: number): void;
  /** It is another tracker's from now on. */
  dismiss(): void;
  current(): DeliveryFailure | undefined;
}

export interface OutageParts {
  readonly log: DeliveryLog;
  readonly now: () => number;
  readonly random: () => number;
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** A sink may ask for more, within reason: what waits is bounded. */
const LONGEST_ASKED_MS = 15 * 60_000;
const WAITING = "deltas are not delivered; they wait, and are tried again";

export function createOutage({ log, now, random }: OutageParts): Outage {
  let failure: DeliveryFailure | undefined;
  let attempts = 0;
  let isLoud = false;

  /** Once, and again when it turns out that somebody has to do something. */
  function tell(error: unknown, why: string): void {
    const isForeseen = error instanceof SinkError || error instanceof LedgerError;
    const mustBeLoud = !isForeseen || (error instanceof SinkError && error.isRefusal);
    if (failure !== undefined && (isLoud || !mustBeLoud)) return;
    isLoud = mustBeLoud;
    const details = isForeseen ? { why } : { why, err: error };
    if (mustBeLoud) log.error(details, WAITING);
    else log.warn(details, WAITING);
  }

  function dismiss(): void {
    failure = undefined;
    attempts = 0;
  }

  return {
    note(error) {
      const why = error instanceof Error ? error.message : String(error);
      tell(error, why);
      failure = { since: failure?.since ?? now(), why };
      attempts++;
      const asked = error instanceof SinkError ? (error.retryAfterMs ?? 0) : 0;
      return Math.max(retryDelayMs(attempts, random), Math.min(asked, LONGEST_ASKED_MS));
    },
    end(waited) {
      if (failure !== undefined)
        log.info({ waited, since: new Date(failure.since).toISOString() }, "deltas are delivered again");
      dismiss();
    },
    dismiss,
    current: () => failure,
  };
}

/** Doubles from a second to a minute, less up to a half at random, so that trackers do not come back to a sink at once. */
function retryDelayMs(attempt: number, random: () => number): number {
  const delayMs = Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS);
  return Math.round(delayMs * (1 - random() / 2));
}
