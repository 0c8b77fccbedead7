// The ledger that trackers share, in their Redis; see ops/docs/redis-model.md.
import { tellRedisError, wordsOf } from "../redis/explanation.ts";
import type { RedisConnection } from "../redis/redis-connection.ts";
import { type Ledger, LedgerError } from "./ledger.ts";
import { createLedgerRecords } from "./redis/ledger-records.ts";
import { createRecording, type RecordingRules } from "./redis/recording.ts";
import { createSweeping } from "./redis/sweeping.ts";

export interface RedisLedgerOptions extends RecordingRules {
  /** Stays open when the ledger is closed. */
  readonly connection: Pick<RedisConnection, "client" | "place" | "status">;
}

/**
 * Trackers that count at the same time have room for a batch each beyond `maxPending`. A batch whose answer was lost is finished by the next
 * call of `record`, which leaves out those of its reports that it is given again.
 */
export function openRedisLedger({ connection, ...rules }: RedisLedgerOptions): Ledger {
  const records = createLedgerRecords(connection.client);
  const record = createRecording(records, rules);
  const sweep = createSweeping(records, rules);
  let last: Promise<unknown> = Promise.resolve();

  async function inOrder<Result>(call: () => Promise<Result>): Promise<Result> {
    const result = last.then(call).catch((error: unknown) => {
      throw failure(connection, error);
    });
    last = result.catch(() => undefined);
    return result;
  }

  return {
    record: (reports) => inOrder(() => record(reports)),
    pendingCount: () => inOrder(() => records.pendingCount()),
    pending: (most) => inOrder(() => records.pending(most)),
    release: (through) => inOrder(() => records.release(through)),
    totals: (infoHash) => inOrder(() => records.totals(infoHash)),
    sweep: (limits) => inOrder(() => sweep(limits)),
    close: () => inOrder(async () => {}),
  };
}

/** Without the client's own error, which carries whole commands. */
function failure({ place, status }: RedisLedgerOptions["connection"], error: unknown): LedgerError {
  if (error instanceof LedgerError) return error;
  const known = status();
  const told = tellRedisError(error, place);
  const remedy = told === error ? `; see what is under {accounting}: in Redis at ${place}, and its log` : "";
  const why = known.kind === "away" ? known.why : `${wordsOf(told)}${remedy}`;
  return new LedgerError(`accounting cannot go on now: ${why}`);
}
