// The chain of resolvers that the settings name, with what happens in it told to the log.
import { type ChainEvent, startChain, type TopologyChain } from "@rackcast/smdb-adapter";
import type { TrackerConfig } from "../config/config.ts";
import { createTopologyLog, type TopologyLog } from "./topology-log.ts";

export interface TopologyParts {
  readonly log: TopologyLog;
  /** Milliseconds of a clock that does not go back. */
  readonly elapsed: () => number;
  /** Told of everything that happens in the chain. */
  readonly observe: (event: ChainEvent) => void;
  /** What programs that resolvers ask are started through. */
  readonly programPrefix: readonly string[];
}

/** Rejects with a `TopologyError`. */
export async function openTopology(
  { topology, policy }: Pick<TrackerConfig, "topology" | "policy">,
  { log, elapsed, observe, programPrefix }: TopologyParts,
): Promise<TopologyChain> {
  const { definitions, ttlSeconds, negativeTtlSeconds, timeoutSeconds } = topology;
  if (definitions.length === 0) {
    const remedy = "name a file by --topology-file, or resolvers by --resolvers";
    log.warn({}, `no topology: every host counts as in an unknown rack; ${remedy}`);
  }
  const write = createTopologyLog(log, elapsed);
  return startChain({
    definitions,
    levels: policy.levels.map(({ name }) => name),
    ttlSeconds,
    negativeTtlSeconds,
    waitMs: timeoutSeconds * 1000,
    now: elapsed,
    programPrefix,
    onEvent(event) {
      observe(event);
      write(event);
    },
  });
}
