// What clients moved, and how its counting fares, for Prometheus.
import { isIP } from "node:net";
import { Counter, Gauge, type Registry } from "prom-client";
import type { Accounting } from "../accounting/accounting.ts";
import type { Recorded } from "../accounting/ledger.ts";

export interface TrafficMetrics {
  /** What was counted just now. */
  readonly count: (recorded: Recorded) => void;
  /** Whose status is told from now on; once. */
  watch(accounting: WatchedAccounting): void;
}

type WatchedAccounting = Pick<Accounting, "status" | "isBehind">;

const FLAGS = { restarted: "restarted", implausible: "implausible", "out-of-order": "outOfOrder" } as const;

export function createTrafficMetrics(registry: Registry): TrafficMetrics {
  const registers = [registry];
  const bytes = new Counter({
    name: "rackcast_traffic_bytes_total",
    help: "Bytes of payloads that this tracker counted, as clients told them, by the clients' rack: up is uploaded, down is downloaded; hosts in no known rack are in unknown",
    labelNames: ["rack", "direction"],
    registers,
  });
  const flagged = new Counter({
    name: "rackcast_traffic_flagged_total",
    help: "Announces whose counters added no bytes: restarted went back, implausible went up further than a link carries, out-of-order were overtaken by later ones",
    labelNames: ["flag"],
    registers,
  });
  for (const flag of Object.keys(FLAGS)) flagged.inc({ flag }, 0);

  return {
    count({ racks, ...recorded }) {
      for (const [path, { uploaded, downloaded }] of racks) {
        const rack = labelOf(path);
        bytes.inc({ rack, direction: "up" }, uploaded);
        bytes.inc({ rack, direction: "down" }, downloaded);
      }
      for (const [flag, field] of Object.entries(FLAGS)) flagged.inc({ flag }, recorded[field]);
    },
    watch: (accounting) => watchStatus(accounting, registers),
  };
}

/** A host in no known rack may be in groups of its own, by its address (`UNKNOWN_RACK`). */
function labelOf(path: string): string {
  const groups = path.split("/").map((group) => (isIP(group) === 0 ? group : "unknown"));
  return groups.join("/");
}

function watchStatus({ status, isBehind }: WatchedAccounting, registers: Registry[]): void {
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name: `rackcast_traffic_${name}`,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  const counter = (name: string, help: string, value: () => number) =>
    new Counter({
      name: `rackcast_traffic_${name}`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value());
      },
    });

  gauge("reports_waiting", "Announces that are not in the ledger yet", () => status().reports.waiting);
  counter(
    "reports_skipped_total",
    "Announces that there was no room for; what they said is in the clients' next ones",
    () => status().reports.skipped,
  );
  counter(
    "reports_lost_total",
    "First and last announces of clients that there was no room for; what they said is lost",
    () => status().reports.lost,
  );
  gauge("deltas_pending", "Deltas in the ledger that no sink has taken yet", () => status().books.pendingCount);
  counter(
    "deltas_delivered_total",
    "Deltas that the sink has taken from this tracker",
    () => status().books.delivery?.delivered ?? 0,
  );
  gauge(
    "delivery_failing_since_seconds",
    "When the sink began to fail, in seconds since the epoch; 0 while it does not",
    () => (status().books.delivery?.failure?.since ?? 0) / 1000,
  );
  gauge("behind", "1 while clients are told to announce less often, because accounting does not keep up", () =>
    Number(isBehind()),
  );
}
