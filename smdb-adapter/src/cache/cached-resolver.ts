// The cache around any resolver: who asks gets an answer in bounded time, however the resolver behind it fares.
import type { TopologyExplanation } from "../topology-explanation.ts";
import type { Location, MaybePromise, TopologyResolver } from "../topology-resolver.ts";
import { createBoundedMap } from "./bounded-map.ts";
import { type BreakerState, type CircuitBreakerOptions, createCircuitBreaker } from "./circuit-breaker.ts";
import { type Flight, startFlight } from "./flight.ts";
import { createGuardedLookup, type Lookup, type LookupEvent } from "./guarded-lookup.ts";
import { createTurnstile } from "../turnstile.ts";
import { createResolverCounts, type ResolverCounts } from "./resolver-counts.ts";

/** For logs and counters. */
export type CacheEvent =
  | LookupEvent
  /** The circuit breaker has changed; see there. */
  | { readonly kind: "breaker"; readonly resolver: string; readonly state: BreakerState };

export interface CacheOptions {
  /** How long a known place is told without asking again; `validSeconds` of a location may shorten it. */
  readonly ttlSeconds: number;
  /** The same for an address that the resolver did not know. */
  readonly negativeTtlSeconds: number;
  /** How long who asks waits for a lookup, unless it says otherwise; the lookup goes on and fills the cache. */
  readonly waitMs: number;
  /** How long a lookup may take until it has failed; default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Most lookups sent out at a time; the others wait for a turn up to `timeoutMs`. Any number when left out. */
  readonly mostAtOnce?: number | undefined;
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
  readonly breaker?: Omit<CircuitBreakerOptions, "now" | "onChange"> | undefined;
  readonly onEvent?: ((event: CacheEvent) => void) | undefined;
}

export interface CachedResolver extends TopologyResolver {
  /**
   * Without a promise when the answer is remembered. Never rejects: when the lookup fails or takes longer than `waitMs` from
   * its start, the last known answer is given, or `undefined`.
   */
  locate(address: string, waitMs?: number): MaybePromise<Location | undefined>;
  explain(address: string, waitMs?: number): MaybePromise<TopologyExplanation>;
  /** Whether an answer is remembered, be it old, or that the address is unknown. */
  hasAnswered(address: string): boolean;
  readonly counts: Readonly<ResolverCounts>;
  /** How many addresses are remembered. */
  readonly entryCount: number;
  readonly breakerState: BreakerState;
}

/** What is remembered of an address. Milliseconds are whole, as V8 keeps those in place. */
interface Answer {
  readonly location: Location | undefined;
  /** `undefined` when a lookup failed and there is no answer at all. */
  readonly answeredAt: number | undefined;
  freshUntil: number;
  /** Why the last lookup failed, if it did; the text alone, as an error with its stack is a lot for each of many addresses. */
  error: string | undefined;
}

/** The last part of an answer's time, in which it is looked up again in the background. */
const REFRESHED_PART = 0.2;
/** So that a fleet whose answers all grow old at once is no onslaught on the service behind. */
const MOST_REFRESHES = 64;

export function createCachedResolver(resolver: TopologyResolver, options: CacheOptions): CachedResolver {
  const { now, onEvent = () => {} } = options;
  const { name } = resolver;
  const ttlMs = options.ttlSeconds * 1000;
  const negativeTtlMs = options.negativeTtlSeconds * 1000;
  const errorTtlMs = (options.errorTtlSeconds ?? 5) * 1000;
  const maxStaleMs = (options.maxStaleSeconds ?? 86_400) * 1000;
  const { mostAtOnce, maxLookups = 1000 } = options;
  const answers = createBoundedMap<Answer>(options.maxEntries ?? 200_000);
  const flights = new Map<string, Flight<Answer | undefined>>();
  const counts = createResolverCounts();
  const onChange = (state: BreakerState) => onEvent({ kind: "breaker", resolver: name, state });
  const breaker = createCircuitBreaker({ ...options.breaker, now, onChange });
  const lookUp = createGuardedLookup(resolver, {
    breaker,
    turnstile: mostAtOnce === undefined ? undefined : createTurnstile(mostAtOnce, maxLookups),
    counts,
    timeoutMs: options.timeoutMs ?? 10_000,
    now,
    onEvent,
  });
  let closed = false;

  /** `undefined`: there is no answer in time, not even an older one. */
  function ask(address: string, waitMs: number): MaybePromise<Answer | undefined> {
    const known = answers.get(address);
    const at = now();
    if (known !== undefined && at < known.freshUntil) return fresh(address, known, at);
    counts.misses++;
    const flight = flights.get(address) ?? start(address, known);
    if (flight === undefined) return standIn(known);
    if (!("within" in flight)) return flight;
    const outcome = flight.within(waitMs);
    return outcome === undefined ? standIn(known) : outcome.then((answer) => answer ?? standIn(known));
  }

  function fresh(address: string, known: Answer, at: number): Answer {
    if (known.error !== undefined) {
      counts[known.answeredAt === undefined ? "misses" : "stale"]++;
      return known;
    }
    counts.hits++;
    const { freshUntil, answeredAt = freshUntil } = known;
    const isOld = at >= freshUntil - (freshUntil - answeredAt) * REFRESHED_PART;
    if (isOld && flights.size < MOST_REFRESHES && !flights.has(address) && breaker.state === "closed") {
      counts.refreshes++;
      start(address, known);
    }
    return known;
  }

  /** An answer at once, or the lookup under way; `undefined` when there are too many. */
  function start(address: string, known: Answer | undefined): Answer | Flight<Answer | undefined> | undefined {
    if (closed || flights.size >= maxLookups) return undefined;
    const lookup = lookUp(address);
    if (!(lookup instanceof Promise)) return settle(address, lookup, known);
    const flight = startFlight(
      lookup.then((outcome) => {
        flights.delete(address);
        return settle(address, outcome, known);
      }),
      now,
    );
    flights.set(address, flight);
    return flight;
  }

  /** `undefined`: nobody was asked, which says nothing. */
  function settle(address: string, lookup: Lookup, known: Answer | undefined): Answer | undefined {
    if (lookup.kind === "late") return undefined;
    if (lookup.kind === "answered") return remember(address, lookup.location);
    const answer = usable(known) ?? { location: undefined, answeredAt: undefined, freshUntil: 0, error: undefined };
    if (known === answer && now() >= answer.freshUntil) counts.stale++;
    answer.error = lookup.error.message;
    // Asking again costs nothing where nobody was asked, and finds out at once when the service is back.
    if (lookup.kind === "rejected") return answer;
    answer.freshUntil = Math.max(answer.freshUntil, Math.ceil(now() + errorTtlMs));
    answers.set(address, answer);
    return answer;
  }

  function remember(address: string, location: Location | undefined): Answer {
    const answeredAt = Math.floor(now());
    const answer = { location, answeredAt, freshUntil: Math.ceil(answeredAt + lifeMs(location)), error: undefined };
    answers.set(address, answer);
    return answer;
  }

  function lifeMs(location: Location | undefined): number {
    if (location === undefined) return negativeTtlMs;
    return location.validSeconds === undefined ? ttlMs : Math.min(ttlMs, location.validSeconds * 1000);
  }

  function usable(known: Answer | undefined): Answer | undefined {
    return known?.answeredAt !== undefined && now() < known.answeredAt + ttlMs + maxStaleMs ? known : undefined;
  }

  function standIn(known: Answer | undefined): Answer | undefined {
    const answer = usable(known);
    if (answer !== undefined) counts.stale++;
    return answer;
  }

  return {
    name,
    counts,
    get entryCount() {
      return answers.size;
    },
    get breakerState() {
      return breaker.state;
    },
    hasAnswered: (address) => answers.get(address)?.answeredAt !== undefined,
    locate(address, waitMs = options.waitMs) {
      const answer = ask(address, waitMs);
      return answer instanceof Promise ? answer.then((late) => late?.location) : answer?.location;
    },
    explain(address, waitMs = options.waitMs) {
      const before = answers.get(address);
      const explained = (answer: Answer | undefined) => explain(answer, { isOld: answer === before, at: now() });
      const answer = ask(address, waitMs);
      return answer instanceof Promise ? answer.then(explained) : explained(answer);
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

function explain(answer: Answer | undefined, { isOld, at }: { isOld: boolean; at: number }): TopologyExplanation {
  if (answer === undefined)
    return { outcome: "late", location: undefined, cached: false, ageSeconds: undefined, error: undefined };
  const { location, answeredAt, error } = answer;
  if (answeredAt === undefined) return { outcome: "failed", location, cached: isOld, ageSeconds: undefined, error };
  const outcome = location === undefined ? "unknown" : "known";
  return { outcome, location, cached: isOld, ageSeconds: (at - answeredAt) / 1000, error };
}
