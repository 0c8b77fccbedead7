// Where deltas go: the interface that a file, a Redis stream, a webhook and PostgreSQL implement.
import type { Delta } from "./delta.ts";

/**
 * Takes deltas over for good. Every delta comes at least once: a batch whose promise was rejected, or whose tracker died before it
 * was resolved, comes again, perhaps cut differently, and with the ids that it had. Batches of a `source` come one after the other and in order of
 * `sequence`; where a sink can tell what it has, it takes each delta once.
 */
export interface DeltaSink {
  /** 1 to `BATCH_DELTAS`, of one source, and never two calls at a time. Once its promise resolves the sink has all of them. Rejects with `SinkError`. */
  write(batch: readonly Delta[]): Promise<void>;
  /** Leaves nothing open; a batch that is still under way is given up. */
  close(): Promise<void>;
}

export interface SinkErrorOptions extends ErrorOptions {
  /** It lasts until somebody does what the message says; otherwise it may well pass by itself. */
  readonly isRefusal?: boolean;
  /** How long the sink asks to be left alone. */
  readonly retryAfterMs?: number | undefined;
}

/** The sink did not take a batch, which will come again; the message names the cause and the remedy. */
export class SinkError extends Error {
  override readonly name = "SinkError";
  readonly isRefusal: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { isRefusal = false, retryAfterMs, ...options }: SinkErrorOptions = {}) {
    super(message, options);
    this.isRefusal = isRefusal;
    this.retryAfterMs = retryAfterMs;
  }
}
