// What hosts report of releases, for Prometheus.
import { Counter, type Registry } from "prom-client";

const STATES = ["verified", "failed"] as const;

export interface ReportMetrics {
  count(state: (typeof STATES)[number]): void;
}

export function createReportMetrics(registry: Registry): ReportMetrics {
  const reports = new Counter({
    name: "rackcast_host_reports_total",
    help: "Reports of hosts on releases that this tracker took, by what they say",
    labelNames: ["state"],
    registers: [registry],
  });
  for (const state of STATES) reports.inc({ state }, 0);
  return { count: (state) => reports.inc({ state }) };
}
