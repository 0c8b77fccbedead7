// Of the trackers that share a Redis, one runs the jobs: whoever has the lock there, which is a lease. What else is one tracker's at a time
// has a lock of its own.
import { createScript } from "../redis/script.ts";
import type { RedisClient } from "../redis/redis-connection.ts";
import type { FencingToken, Leadership, Term } from "./leadership.ts";

export interface RedisLeadershipOptions {
  readonly client: RedisClient;
  /** This tracker among those that share the Redis; no other may have the name at the same time. */
  readonly trackerName: string;
  /** The jobs are this tracker's from now on, or not any more. */
  readonly onChange: (change: "taken" | "lost", token: FencingToken) => void;
  /** Something is wrong with the lock while Redis answers: told once, until it works again. */
  readonly onError: (error: unknown) => void;
  /** Milliseconds on a clock that never jumps. */
  readonly elapsed: () => number;
  /** How long the jobs stay with a tracker that died: 15 s. */
  readonly leaseMs?: number;
  /** Which lock is meant: that of the jobs, unless another is named. */
  readonly lock?: string;
}

export interface RedisLeadership extends Leadership {
  /** Gives the jobs back; whoever asks next has them. */
  close(): Promise<void>;
}

const LEASE_MS = 15_000;
const RENEWALS_A_LEASE = 3;

/** A term with what only the lock needs. */
interface Lease {
  readonly term: Term;
  /** As it is in Redis. */
  readonly value: string;
  readonly ending: AbortController;
  /** On the clock of `elapsed`: the lease may be another's from then on. */
  until: number;
}

/** Asks for the jobs now, and keeps asking. While Redis does not answer the jobs are nobody's. */
export function startRedisLeadership(options: RedisLeadershipOptions): RedisLeadership {
  const { client, trackerName, onChange, onError, elapsed, leaseMs = LEASE_MS, lock = "jobs" } = options;
  // Both in one slot of a Cluster.
  const [lockKey, tokenKey] = [`{${lock}}:lock`, `{${lock}}:token`];
  const take = createScript(client, new URL("./lua/take-lock.lua", import.meta.url));
  const renew = createScript(client, new URL("./lua/renew-lock.lua", import.meta.url));
  const release = createScript(client, new URL("./lua/release-lock.lua", import.meta.url));
  let lease: Lease | undefined;
  let isAnswered = true;
  let timer: NodeJS.Timeout | undefined;
  let expiry: NodeJS.Timeout | undefined;
  let isClosed = false;

  async function takeOrRenew(): Promise<void> {
    endWhenOver();
    // Counted from before the question, so that it is never over later than Redis has it.
    const asked = elapsed();
    if (lease === undefined) {
      const token = Number(await take.run([lockKey, tokenKey], [trackerName, leaseMs]));
      if (token > 0) begin(token as FencingToken, asked + leaseMs);
    } else if (Number(await renew.run([lockKey], [lease.value, leaseMs])) === 1) {
      prolong(lease, asked + leaseMs);
    } else {
      end();
    }
  }

  function begin(token: FencingToken, until: number): void {
    const ending = new AbortController();
    const started = { term: { token, signal: ending.signal }, value: `${token} ${trackerName}`, ending, until };
    lease = started;
    prolong(started, until);
    onChange("taken", token);
  }

  function prolong(held: Lease, until: number): void {
    held.until = until;
    clearTimeout(expiry);
    expiry = setTimeout(endWhenOver, until - elapsed() + 1).unref();
  }

  function endWhenOver(): void {
    if (lease !== undefined && elapsed() >= lease.until) end();
  }

  function end(): void {
    const ended = lease;
    clearTimeout(expiry);
    lease = undefined;
    if (ended === undefined) return;
    ended.ending.abort();
    onChange("lost", ended.term.token);
  }

  async function ask(): Promise<void> {
    try {
      await takeOrRenew();
      isAnswered = true;
    } catch (error) {
      if (isAnswered && client.status === "ready") onError(error);
      isAnswered = false;
    }
  }

  let asking = Promise.resolve();
  function keepAsking(): void {
    asking = ask().then(() => {
      if (!isClosed) timer = setTimeout(keepAsking, leaseMs / RENEWALS_A_LEASE).unref();
    });
  }
  keepAsking();

  return {
    term() {
      endWhenOver();
      return isAnswered && client.status === "ready" ? lease?.term : undefined;
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await asking;
      const held = lease;
      end();
      // What cannot be given back now ends by itself.
      if (held !== undefined) await release.run([lockKey], [held.value]).catch(() => undefined);
    },
  };
}
