// A resolver that answers from its own memory, as a link of a chain: it needs no cache, no time-out and no circuit breaker.
import { failureOf } from "./cache/guarded-lookup.ts";
import { createResolverCounts } from "./cache/resolver-counts.ts";
import type { ChainLink } from "./chain.ts";
import type { TopologyExplanation } from "./topology-explanation.ts";
import type { Location, TopologyResolver } from "./topology-resolver.ts";

export function createLocalLink(resolver: TopologyResolver): ChainLink {
  const counts = createResolverCounts();

  function counted(location: Location | undefined): Location | undefined {
    counts[location === undefined ? "unknown" : "known"]++;
    return location;
  }

  function failed(): undefined {
    counts.failed++;
  }

  async function explain(address: string): Promise<TopologyExplanation> {
    try {
      const location = await resolver.locate(address);
      const outcome = location === undefined ? "unknown" : "known";
      return { outcome, location, cached: false, ageSeconds: 0, error: undefined };
    } catch (cause) {
      const error = failureOf(resolver.name, address, cause).message;
      return { outcome: "failed", location: undefined, cached: false, ageSeconds: undefined, error };
    }
  }

  return {
    name: resolver.name,
    counts,
    entryCount: undefined,
    breakerState: undefined,
    hasAnswered: () => true,
    locate(address) {
      try {
        const found = resolver.locate(address);
        return found instanceof Promise ? found.then(counted, failed) : counted(found);
      } catch {
        return failed();
      }
    },
    explain,
    reload: () => resolver.reload(),
    close: () => resolver.close(),
  };
}
