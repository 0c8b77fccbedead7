// The cache around any resolver: who asks gets an answer in bounded time, however the resolver behind it fares.
import { TopologyError } from "../errors.ts";
import type { Location, MaybePromise, TopologyResolver } from "../topology-resolver.ts";
import { createBoundedMap } from "./bounded-map.ts";
import { type Flight, startFlight } from "./flight.ts";

export interface CacheOptions {
  /** How long a known place is told without asking again. */
  readonly ttlSeconds: number;
  /** The same for an address that the resolver did not know. */
  readonly negativeTtlSeconds: number;
  /** How long an announce waits for a lookup; the lookup goes on and fills the cache (`TOPOLOGY_TIMEOUT`). */
  readonly timeoutMs: number;
  /** Milliseconds of a clock that does not go back. */
  readonly now: () => number;
  /** How long beyond its time an answer stands in for one that fails or is late; default one day. */
  readonly maxStaleSeconds?: number | undefined;
  /** How long an address is left in peace after its lookup failed; default 5. */
  readonly errorTtlSeconds?: number | undefined;
  /** Most addresses remembered; default 200,000. */
  readonly maxEntries?: number | undefined;
  /** Most lookups under way; an address beyond them is not looked up now. Default 1,000. */
  readonly maxLookups?: number | undefined;
  /** Told of every lookup that failed; nobody else is, as the asker gets an older answer or none. */
  readonly onFailure?: ((address: string, error: TopologyError) => void) | undefined;
}

/** Where an address is, and how we know. */
export interface TopologyExplanation {
  readonly location: Location | undefined;
  /** Whether this was known before it was asked for. */
  readonly cached: boolean;
  /** Since the resolver said so; `undefined` when it has not answered. */
  readonly ageSeconds: number | undefined;
}

export interface CachedResolver extends TopologyResolver {
  /**
   * Without a promise when the answer is remembered. Never rejects: when the lookup fails or takes too long, the last
   * known answer is given, or `undefined`.
   */
  locate(address: string): MaybePromise<Location | undefined>;
  explain(address: string): MaybePromise<TopologyExplanation>;
  /** Forgets all answers; lookups under way reach who waits for them, but are not remembered. */
  clear(): void;
}

/** What is remembered of an address. */
interface Answer {
  readonly location: Location | undefined;
  /** `undefined` when a lookup failed and there is no answer at all. */
  readonly answeredAt: number | undefined;
  freshUntil: number;
  readonly usableUntil: number;
}

// A resolver bounds its own lookups; this is for one that does not.
const ABANDON_MS = 60_000;

export function createCachedResolver(resolver: TopologyResolver, options: CacheOptions): CachedResolver {
  const { now, timeoutMs, onFailure } = options;
  const ttlMs = options.ttlSeconds * 1000;
  const negativeTtlMs = options.negativeTtlSeconds * 1000;
  const errorTtlMs = (options.errorTtlSeconds ?? 5) * 1000;
  const maxStaleMs = (options.maxStaleSeconds ?? 86_400) * 1000;
  const maxLookups = options.maxLookups ?? 1000;
  const answers = createBoundedMap<Answer>(options.maxEntries ?? 200_000);
  const flights = new Map<string, Flight<Answer | undefined>>();
  let closed = false;

  function ask(address: string): MaybePromise<Answer | undefined> {
    const known = answers.get(address);
    if (known !== undefined && now() < known.freshUntil) return known;
    const flight = flights.get(address);
    if (flight !== undefined) return flight.overdue ? usable(known) : flight.outcome;
    if (closed || flights.size >= maxLookups) return usable(known);
    return lookUp(address, known);
  }

  function lookUp(address: string, known: Answer | undefined): MaybePromise<Answer | undefined> {
    try {
      const found = resolver.locate(address);
      return found instanceof Promise ? fly(address, found, known) : remember(address, found);
    } catch (cause) {
      return fail(address, cause, known);
    }
  }

  function fly(address: string, lookup: Promise<Location | undefined>, known: Answer | undefined) {
    /** Whether this flight is still the one that the cache waits for. */
    const land = (): boolean => flights.get(address) === flight && flights.delete(address);
    const flight: Flight<Answer | undefined> = startFlight<Answer | undefined>({
      landing: lookup.then(
        (location) => (land() ? remember(address, location) : answerOf(location)),
        (cause: unknown) => (land() ? fail(address, cause, known) : usable(known)),
      ),
      late: () => usable(known),
      timeoutMs,
      abandonMs: ABANDON_MS,
      abandon: () => void (land() && fail(address, new Error(`no answer for ${ABANDON_MS / 1000} s`), known)),
    });
    flights.set(address, flight);
    return flight.outcome;
  }

  function usable(known: Answer | undefined): Answer | undefined {
    return known !== undefined && now() < known.usableUntil ? known : undefined;
  }

  function answerOf(location: Location | undefined): Answer {
    const answeredAt = now();
    const freshUntil = answeredAt + (location === undefined ? negativeTtlMs : ttlMs);
    return { location, answeredAt, freshUntil, usableUntil: freshUntil + maxStaleMs };
  }

  function remember(address: string, location: Location | undefined): Answer {
    const answer = answerOf(location);
    answers.set(address, answer);
    return answer;
  }

  function fail(address: string, cause: unknown, known: Answer | undefined): Answer {
    onFailure?.(address, failure(address, cause));
    const retryAt = now() + errorTtlMs;
    const answer = usable(known) ?? { location: undefined, answeredAt: undefined, freshUntil: 0, usableUntil: retryAt };
    answer.freshUntil = Math.min(retryAt, answer.usableUntil);
    answers.set(address, answer);
    return answer;
  }

  function failure(address: string, cause: unknown): TopologyError {
    if (cause instanceof TopologyError) return cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const problem = `resolver ${resolver.name} failed for ${address}: ${reason}`;
    return new TopologyError({ code: "RESOLVER_FAILED", problem, cause });
  }

  function explanation(answer: Answer | undefined, before: Answer | undefined): TopologyExplanation {
    const ageSeconds = answer?.answeredAt === undefined ? undefined : (now() - answer.answeredAt) / 1000;
    return { location: answer?.location, cached: answer !== undefined && answer === before, ageSeconds };
  }

  return {
    name: resolver.name,
    locate(address) {
      const answer = ask(address);
      return answer instanceof Promise ? answer.then((late) => late?.location) : answer?.location;
    },
    explain(address) {
      const before = answers.get(address);
      const answer = ask(address);
      return answer instanceof Promise ? answer.then((late) => explanation(late, before)) : explanation(answer, before);
    },
    clear() {
      answers.clear();
      flights.clear();
    },
    reload: () => resolver.reload(),
    async close() {
      closed = true;
      for (const flight of flights.values()) flight.release();
      flights.clear();
      await resolver.close();
    },
  };
}
