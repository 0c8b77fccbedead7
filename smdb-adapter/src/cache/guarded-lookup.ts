// One lookup that always comes to an end: bounded in time, behind a circuit breaker, counted. It never throws nor rejects.
import { TopologyError } from "../errors.ts";
import type { Location, MaybePromise, TopologyResolver } from "../topology-resolver.ts";
import type { Turnstile } from "../turnstile.ts";
import type { CircuitBreaker } from "./circuit-breaker.ts";
import type { LookupResult, ResolverCounts } from "./resolver-counts.ts";

export type Lookup =
  /** An answer; no location is "not known there". */
  | { readonly kind: "answered"; readonly location: Location | undefined }
  | { readonly kind: "failed"; readonly error: TopologyError }
  /** Nobody was asked, as those before failed; `error` says of what. */
  | { readonly kind: "rejected"; readonly error: TopologyError }
  /** Nobody was asked, as its turn did not come. */
  | { readonly kind: "late" };

/** For logs and counters: a lookup has ended, or its turn did not come. */
export interface LookupEvent {
  readonly kind: "lookup";
  readonly resolver: string;
  readonly address: string;
  readonly result: Exclude<LookupResult, "rejected">;
  readonly seconds: number;
  /** Of one that failed or was late. */
  readonly error: TopologyError | undefined;
}

export interface GuardedLookupOptions {
  readonly breaker: CircuitBreaker;
  /** Through which lookups go; all at once when undefined. */
  readonly turnstile: Turnstile | undefined;
  readonly counts: ResolverCounts;
  /** After which a lookup has failed that went out, and one that waits for its turn is late. */
  readonly timeoutMs: number;
  /** Milliseconds of a clock that does not go back. */
  readonly now: () => number;
  readonly onEvent: (event: LookupEvent) => void;
}

// Timers and clocks do not agree to the millisecond.
const CLOCK_MS = 5;

export function createGuardedLookup(resolver: TopologyResolver, options: GuardedLookupOptions) {
  const { breaker, turnstile, counts, timeoutMs, now, onEvent } = options;
  const { name } = resolver;
  let lastError = new TopologyError({ code: "RESOLVER_FAILED", problem: `resolver ${name} is left alone` });

  function lookUp(address: string): MaybePromise<Lookup> {
    if (!breaker.admits()) return rejected();
    // The probe of a breaker does not queue behind lookups for whose sake that has opened.
    return turnstile === undefined || breaker.state === "half-open" ? send(address) : sendInTurn(turnstile, address);
  }

  async function sendInTurn({ pass }: Turnstile, address: string): Promise<Lookup> {
    const cameAt = now();
    // Whatever has failed while it waited, it would fail of as well.
    const sendIfSound = async () => (breaker.state === "closed" ? send(address) : rejected());
    try {
      return await pass(sendIfSound, timeoutMs);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const problem = `resolver ${name} was not asked for ${address}: ${reason}`;
      tell(address, "late", cameAt, new TopologyError({ code: "RESOLVER_BUSY", problem, cause }));
      return { kind: "late" };
    }
  }

  function rejected(): Lookup {
    counts.rejected++;
    return { kind: "rejected", error: lastError };
  }

  function send(address: string): MaybePromise<Lookup> {
    const startedAt = now();
    try {
      const found = resolver.locate(address);
      return found instanceof Promise ? bounded(address, found, startedAt) : answered(address, found, startedAt);
    } catch (cause) {
      return failed(address, cause, startedAt);
    }
  }

  function bounded(address: string, found: Promise<Location | undefined>, startedAt: number): Promise<Lookup> {
    const { promise, resolve } = Promise.withResolvers<Lookup>();
    let isOver = false;
    const end = (outcome: () => Lookup) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      resolve(outcome());
    };
    const late = () => failed(address, new Error(`no answer for ${timeoutMs / 1000} s`), startedAt);
    const timer = setTimeout(() => end(late), timeoutMs).unref();
    found.then(
      (location) => end(() => answered(address, location, startedAt)),
      (cause: unknown) => end(() => failed(address, cause, startedAt)),
    );
    return promise;
  }

  function answered(address: string, location: Location | undefined, startedAt: number): Lookup {
    breaker.succeeded();
    tell(address, location === undefined ? "unknown" : "known", startedAt);
    return { kind: "answered", location };
  }

  function failed(address: string, cause: unknown, startedAt: number): Lookup {
    const error = failureOf(name, address, cause);
    const isLate = now() - startedAt >= timeoutMs - CLOCK_MS;
    lastError = error;
    tell(address, isLate ? "timeout" : "failed", startedAt, error);
    breaker.failed();
    return { kind: "failed", error };
  }

  function tell(address: string, result: LookupEvent["result"], startedAt: number, error?: TopologyError): void {
    counts[result]++;
    onEvent({ kind: "lookup", resolver: name, address, result, seconds: (now() - startedAt) / 1000, error });
  }

  return lookUp;
}

export function failureOf(resolver: string, address: string, cause: unknown): TopologyError {
  if (cause instanceof TopologyError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const problem = `resolver ${resolver} failed for ${address}: ${reason}`;
  return new TopologyError({ code: "RESOLVER_FAILED", problem, cause });
}
