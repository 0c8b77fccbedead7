// Which of the trackers that share a ledger gives its deltas to the sink: whoever has the lock of accounting, which is a lease.
import { startRedisLeadership } from "../../jobs/redis-leadership.ts";
import { wordsOf } from "../../redis/explanation.ts";
import type { RedisClient, RedisLog } from "../../redis/redis-connection.ts";

export interface DeliveryLeaseOptions {
  readonly client: RedisClient;
  /** See `RedisLeadershipOptions`. */
  readonly trackerName: string;
  readonly leaseMs?: number;
  readonly log: RedisLog;
}

export interface DeliveryLease {
  /**
   * Without a promise. Two trackers may deliver at once for a moment, when one was paused, which does no harm: a sink knows by source and sequence
   * what comes a second time.
   */
  isLeading(): boolean;
  /** Gives the delivery back; whoever asks next has it. */
  close(): Promise<void>;
}

/** Asks for the delivery now, and keeps asking. While Redis does not answer it is nobody's. */
export function startDeliveryLease({ log, ...options }: DeliveryLeaseOptions): DeliveryLease {
  const { term, close } = startRedisLeadership({
    ...options,
    lock: "accounting",
    elapsed: () => performance.now(),
    onChange: (change, token) =>
      log.info({ token }, `the delivery of deltas is ${change === "taken" ? "" : "not "}this tracker's`),
    // Never the error itself, which carries the command's arguments.
    onError: (error) =>
      log.warn({ seen: wordsOf(error) }, "the lock of the delivery of deltas cannot be asked for; it is tried again"),
  });
  return { isLeading: () => term() !== undefined, close };
}
