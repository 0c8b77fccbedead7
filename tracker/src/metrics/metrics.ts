// What `/metrics` tells, for Prometheus. Labels are of small fixed sets: never a host, never an info-hash.
import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import { createReportMetrics, type ReportMetrics } from "./report-metrics.ts";
import { createTopologyMetrics, type TopologyMetrics } from "./topology-metrics.ts";
import { createTrafficMetrics, type TrafficMetrics } from "./traffic-metrics.ts";

export interface MetricsSources {
  /** How often something malformed came in, by kind. */
  readonly faults: () => ReadonlyMap<string, number>;
  /** Those that stay open, by front end. */
  readonly connections: () => Readonly<Record<string, number>>;
}

export interface Metrics {
  readonly topology: TopologyMetrics;
  readonly reports: ReportMetrics;
  /** Of a tracker that accounts: without, nothing is told of it. Once. */
  addTraffic(): TrafficMetrics;
  readonly contentType: string;
  /** In the text format of Prometheus. */
  print(): Promise<string>;
}

/** Everything is read when it is asked for: what is counted costs its counter alone. */
export function createMetrics({ faults, connections }: MetricsSources): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Counter({
    name: "rackcast_faults_total",
    help: "What came in malformed or was refused, by kind",
    labelNames: ["kind"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [kind, count] of faults()) this.inc({ kind }, count);
    },
  });
  new Gauge({
    name: "rackcast_connections",
    help: "Connections that stay open, by front end",
    labelNames: ["frontend"],
    registers: [registry],
    collect() {
      for (const [frontend, count] of Object.entries(connections())) this.set({ frontend }, count);
    },
  });
  const topology = createTopologyMetrics(registry);
  const reports = createReportMetrics(registry);
  return {
    topology,
    reports,
    addTraffic: () => createTrafficMetrics(registry),
    contentType: registry.contentType,
    print: () => registry.metrics(),
  };
}
