// How the resolvers fare, for Prometheus.
import type { ChainEvent, ChainLink } from "@rackcast/smdb-adapter";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";

export interface TopologyMetrics {
  readonly observe: (event: ChainEvent) => void;
  /** Whose counters are told. */
  watch(links: readonly ChainLink[]): void;
}

const RESULTS = ["known", "unknown", "failed", "timeout", "rejected", "late"] as const;
const CACHE_COUNTS = { hit: "hits", miss: "misses", stale: "stale", refresh: "refreshes" } as const;
const STATES = { closed: 0, "half-open": 1, open: 2 } as const;
const LATENCY_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createTopologyMetrics(registry: Registry): TopologyMetrics {
  const registers = [registry];
  let links: readonly ChainLink[] = [];

  new Counter({
    name: "rackcast_topology_lookups_total",
    help: "Lookups, by resolver and what came of them; not sent were those rejected (the circuit breaker was open) or late (too many others were asked)",
    labelNames: ["resolver", "result"],
    registers,
    collect() {
      this.reset();
      for (const { name, counts } of links)
        for (const result of RESULTS) this.inc({ resolver: name, result }, counts[result]);
    },
  });
  new Counter({
    name: "rackcast_topology_cache_total",
    help: "What was answered from memory: hit, miss, stale (an old answer stood in), refresh (looked up ahead of expiry)",
    labelNames: ["resolver", "outcome"],
    registers,
    collect() {
      this.reset();
      for (const { name, counts } of remote(links))
        for (const [outcome, count] of Object.entries(CACHE_COUNTS))
          this.inc({ resolver: name, outcome }, counts[count]);
    },
  });
  new Gauge({
    name: "rackcast_topology_cache_entries",
    help: "Addresses that are remembered",
    labelNames: ["resolver"],
    registers,
    collect() {
      for (const { name, entryCount } of remote(links)) this.set({ resolver: name }, entryCount ?? 0);
    },
  });
  new Gauge({
    name: "rackcast_topology_breaker_state",
    help: "Circuit breaker: 0 closed, 1 half-open (one lookup tries), 2 open (the resolver is left alone)",
    labelNames: ["resolver"],
    registers,
    collect() {
      for (const { name, breakerState } of links)
        if (breakerState !== undefined) this.set({ resolver: name }, STATES[breakerState]);
    },
  });
  const latency = new Histogram({
    name: "rackcast_topology_lookup_seconds",
    help: "How long lookups took that were sent out",
    labelNames: ["resolver"],
    buckets: LATENCY_SECONDS,
    registers,
  });
  const faults = new Counter({
    name: "rackcast_topology_data_faults_total",
    help: "Answers that were wrong or contradictory in themselves, by resolver and fault",
    labelNames: ["resolver", "fault"],
    registers,
  });

  return {
    watch: (watched) => void (links = watched),
    observe(event) {
      const { resolver } = event;
      if (event.kind === "lookup" && event.result !== "late") latency.observe({ resolver }, event.seconds);
      else if (event.kind === "fault") faults.inc({ resolver, fault: event.fault });
    },
  };
}

function remote(links: readonly ChainLink[]): readonly ChainLink[] {
  return links.filter(({ entryCount }) => entryCount !== undefined);
}
