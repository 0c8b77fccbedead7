// The chain of resolvers that the tracker asks: the first that knows answers, and none of them holds up an announce for long.
import type { BreakerState } from "./cache/circuit-breaker.ts";
import type { ResolverCounts } from "./cache/resolver-counts.ts";
import type { TopologyExplanation } from "./topology-explanation.ts";
import type { Location, MaybePromise, TopologyResolver } from "./topology-resolver.ts";

/** One resolver of a chain: a `CachedResolver`, or a local one by `createLocalLink`. None of the methods throws or rejects. */
export interface ChainLink extends Omit<TopologyResolver, "locate"> {
  /** Whether it ever said what it knows of an address; a local one always has. */
  hasAnswered(address: string): boolean;
  /** `undefined` as well when it failed, or has no answer `waitMs` after the lookup began. */
  locate(address: string, waitMs: number): MaybePromise<Location | undefined>;
  explain(address: string, waitMs: number): MaybePromise<TopologyExplanation>;
  readonly counts: Readonly<ResolverCounts>;
  /** How many addresses it remembers; undefined for a local one, as the next. */
  readonly entryCount: number | undefined;
  readonly breakerState: BreakerState | undefined;
}

export interface ResolverExplanation extends TopologyExplanation {
  readonly resolver: string;
  /** Undefined for a local one. */
  readonly breakerState: BreakerState | undefined;
}

export interface ChainOptions {
  /** The longest that one lookup waits, over all resolvers (`TOPOLOGY_TIMEOUT`). */
  readonly waitMs: number;
  /** Milliseconds of a clock that does not go back. */
  readonly now: () => number;
}

/**
 * Asks one resolver after the other. One that fails or is late is passed over; of what is left of the time, each that may have to
 * be waited for has an equal share with those behind it. The chain itself remembers nothing: what a later resolver said
 * counts until an earlier one answers, which is asked again as soon as its cache lets it.
 */
export interface TopologyChain extends TopologyResolver {
  /** Without a promise when every resolver asked remembers its answer. Never rejects: a failure is `undefined` here. */
  locate(address: string): MaybePromise<Location | undefined>;
  /** Of the resolver that knows it; when none does, `failed` if one failed, else `late` if one was late, else `unknown`. */
  explain(address: string): Promise<TopologyExplanation>;
  /** What every resolver says, in the chain's order. */
  explainAll(address: string): Promise<readonly ResolverExplanation[]>;
  /** False while a resolver has still to say what it knows of the address, because it is late or fails. */
  hasAnswered(address: string): boolean;
  /** Fills the caches, however long the resolvers take. */
  prefetch(address: string): MaybePromise<unknown>;
  readonly links: readonly ChainLink[];
}

export function createChain(links: readonly ChainLink[], { waitMs, now }: ChainOptions): TopologyChain {
  // How many resolvers from this one on may have to be waited for.
  const waiters = links.map((_, index) => links.slice(index).filter(isRemote).length);
  const shareOf = (index: number, leftMs: number) => leftMs / Math.max(1, waiters[index] ?? 1);

  function locate(address: string, timeMs: number): MaybePromise<Location | undefined> {
    for (let index = 0; index < links.length; index++) {
      const found = links[index]?.locate(address, shareOf(index, timeMs));
      if (found instanceof Promise) return locateLater(address, found, { index, timeMs, startedAt: now() });
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async function locateLater(
    address: string,
    pending: Promise<Location | undefined>,
    { index, timeMs, startedAt }: { index: number; timeMs: number; startedAt: number },
  ): Promise<Location | undefined> {
    let found = await pending;
    for (let next = index + 1; found === undefined && next < links.length; next++) {
      const leftMs = Math.max(0, timeMs - (now() - startedAt));
      found = await links[next]?.locate(address, shareOf(next, leftMs));
    }
    return found;
  }

  async function explain(address: string): Promise<TopologyExplanation> {
    const startedAt = now();
    let best = NOBODY_KNOWS;
    for (const [index, link] of links.entries()) {
      const leftMs = Math.max(0, waitMs - (now() - startedAt));
      const explanation = await link.explain(address, shareOf(index, leftMs));
      if (explanation.outcome === "known") return explanation;
      if (WEIGHT[explanation.outcome] >= WEIGHT[best.outcome]) best = explanation;
    }
    return best;
  }

  return {
    name: "chain",
    links,
    locate: (address) => locate(address, waitMs),
    explain,
    explainAll: (address) =>
      Promise.all(
        links.map(async (link) => {
          const explanation = await link.explain(address, waitMs);
          return { ...explanation, resolver: link.name, breakerState: link.breakerState };
        }),
      ),
    hasAnswered: (address) => links.every((link) => link.hasAnswered(address)),
    prefetch: (address) => locate(address, Number.POSITIVE_INFINITY),
    reload: async () => void (await Promise.all(links.map((link) => link.reload()))),
    close: async () => void (await Promise.all(links.map((link) => link.close()))),
  };
}

const isRemote = (link: ChainLink) => link.breakerState !== undefined;

const NOBODY_KNOWS: TopologyExplanation = {
  outcome: "unknown",
  location: undefined,
  cached: false,
  ageSeconds: undefined,
  error: undefined,
};

/** Which of several answers that are none is told. */
const WEIGHT = { unknown: 0, late: 1, failed: 2, known: 3 } as const;
