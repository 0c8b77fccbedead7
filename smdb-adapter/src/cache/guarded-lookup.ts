// One lookup that always comes to an end: bounded in time, behind a circuit breaker, counted. It never throws nor rejects.
import { TopologyError } from "../errors.ts";
import type { Location, MaybePromise, TopologyResolver } from "../topology-resolver.ts";
import type { CircuitBreaker } from "./circuit-breaker.ts";
import type { LookupResult, ResolverCounts } from "./resolver-counts.ts";

export type Lookup =
  /** An answer; no location is "not known there". */
  | { readonly kind: "answered"; readonly location: Location | undefined }
  | { readonly kind: "failed"; readonly error: TopologyError }
  /** Nobody was asked, as those before failed; `error` says of what. */
  | { readonly kind: "rejected"; readonly error: TopologyError };

/** For logs and counters: a lookup that went out has ended. */
export interface LookupEvent {
  readonly kind: "lookup";
  readonly resolver: string;
  readonly address: string;
  readonly result: Exclude<LookupResult, "rejected">;
  readonly seconds: number;
  /** Of one that failed. */
  readonly error: TopologyError | undefined;
}

export interface GuardedLookupOptions {
  readonly breaker: CircuitBreaker;
  readonly counts: ResolverCounts;
  /** After which a lookup has failed. */
  readonly timeoutMs: number;
  /** Milliseconds of a clock that does not go back. */
  readonly now: () => number;
  readonly onEvent: (event: LookupEvent) => void;
}

// Timers and clocks do not agree to the millisecond.
const CLOCK_MS = 5;

export function createGuardedLookup(resolver: TopologyResolver, options: GuardedLookupOptions) {
  const { breaker, counts, timeoutMs, now, onEvent } = options;
  const { name } = resolver;
  let lastError = new TopologyError({ code: "RESOLVER_FAILED", problem: `resolver ${name} is left alone` });

  function lookUp(address: string): MaybePromise<Lookup> {
    if (!breaker.admits()) {
      counts.rejected++;
      return { kind: "rejected", error: lastError };
    }
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
