import type { ChainLink } from "@rackcast/smdb-adapter";
import { describe, expect, it } from "vitest";
import { createMetrics } from "./metrics.ts";

const counts = {
  known: 5,
  unknown: 4,
  failed: 3,
  timeout: 2,
  rejected: 1,
  late: 10,
  hits: 9,
  misses: 8,
  stale: 7,
  refreshes: 6,
};
const link = (name: string, more: Partial<ChainLink>) => ({ name, counts, ...more }) as ChainLink;

function setup() {
  const faults = new Map([["udp-bad-connection-id", 2]]);
  const metrics = createMetrics({ faults: () => faults, connections: () => ({ webtorrent: 3 }) });
  const lines = async (name: string) =>
    (await metrics.print()).split("\n").filter((line) => line.startsWith(name) && !line.includes("_bucket"));
  return { metrics, faults, lines };
}

it("tells the counts of every resolver as they are when it is asked, and of remote ones what they remember", async () => {
  const { metrics, lines } = setup();
  metrics.topology.watch([
    link("file", { entryCount: undefined, breakerState: undefined }),
    link("smdb", { entryCount: 77, breakerState: "open" }),
  ]);
  await metrics.print();
  expect(await lines("rackcast_topology")).toEqual([
    ...["file", "smdb"].flatMap((resolver) =>
      Object.entries({ known: 5, unknown: 4, failed: 3, timeout: 2, rejected: 1, late: 10 }).map(
        ([result, count]) => `rackcast_topology_lookups_total{resolver="${resolver}",result="${result}"} ${count}`,
      ),
    ),
    'rackcast_topology_cache_total{resolver="smdb",outcome="hit"} 9',
    'rackcast_topology_cache_total{resolver="smdb",outcome="miss"} 8',
    'rackcast_topology_cache_total{resolver="smdb",outcome="stale"} 7',
    'rackcast_topology_cache_total{resolver="smdb",outcome="refresh"} 6',
    'rackcast_topology_cache_entries{resolver="smdb"} 77',
    'rackcast_topology_breaker_state{resolver="smdb"} 2',
  ]);
});

it("counts hosts' reports by what they say, from the start", async () => {
  const { metrics, lines } = setup();
  metrics.reports.count("failed");
  expect(await lines("rackcast_host_reports_total")).toEqual([
    'rackcast_host_reports_total{state="verified"} 0',
    'rackcast_host_reports_total{state="failed"} 1',
  ]);
});

it("tells how long lookups took and what was wrong with answers, by resolver and not by host", async () => {
  const { metrics, lines } = setup();
  const { observe } = metrics.topology;
  for (const seconds of [0.5, 1.5]) {
    observe({ kind: "lookup", resolver: "smdb", address: "10.0.0.1", result: "known", seconds, error: undefined });
  }
  observe({ kind: "fault", resolver: "smdb", fault: "several-servers", problem: "10.0.0.1 has two" });
  expect(await lines("rackcast_topology_lookup_seconds")).toEqual([
    'rackcast_topology_lookup_seconds_sum{resolver="smdb"} 2',
    'rackcast_topology_lookup_seconds_count{resolver="smdb"} 2',
  ]);
  expect(await lines("rackcast_topology_data_faults")).toEqual([
    'rackcast_topology_data_faults_total{resolver="smdb",fault="several-servers"} 1',
  ]);
  expect(await metrics.print()).not.toContain("10.0.0.1");
});

it("tells what came in malformed and who is connected", async () => {
  const { faults, lines } = setup();
  faults.set("udp-bad-connection-id", 5);
  expect(await lines("rackcast_faults_total")).toEqual(['rackcast_faults_total{kind="udp-bad-connection-id"} 5']);
  expect(await lines("rackcast_connections")).toEqual(['rackcast_connections{frontend="webtorrent"} 3']);
});

describe("traffic", () => {
  const NOTHING = { racks: new Map(), restarted: 0, implausible: 0, outOfOrder: 0, pendingCount: 0 };
  const moved = (...racks: [rack: string, uploaded: number, downloaded: number][]) => {
    return {
      ...NOTHING,
      racks: new Map(racks.map(([rack, uploaded, downloaded]) => [rack, { uploaded, downloaded }])),
    };
  };

  it("is told by rack as it is counted, and never by host", async () => {
    const { metrics, lines } = setup();
    const { count } = metrics.addTraffic();
    count(moved(["ams1/rack1", 5, 7], ["ams1/rack2", 2 ** 50, 0]));
    count(
      moved(
        ["ams1/rack1", 10, 1],
        ["10.0.0.1/10.0.0.1", 1, 2],
        ["2001:db8::1/2001:db8::1", 3, 4],
        ["unknown/unknown", 5, 6],
      ),
    );
    expect(await lines("rackcast_traffic_bytes_total")).toEqual([
      'rackcast_traffic_bytes_total{rack="ams1/rack1",direction="up"} 15',
      'rackcast_traffic_bytes_total{rack="ams1/rack1",direction="down"} 8',
      'rackcast_traffic_bytes_total{rack="ams1/rack2",direction="up"} 1125899906842624',
      'rackcast_traffic_bytes_total{rack="ams1/rack2",direction="down"} 0',
      'rackcast_traffic_bytes_total{rack="unknown/unknown",direction="up"} 9',
      'rackcast_traffic_bytes_total{rack="unknown/unknown",direction="down"} 12',
    ]);
  });

  it("is told with the announces that added nothing, from the start", async () => {
    const { metrics, lines } = setup();
    const { count } = metrics.addTraffic();
    const flagged = () => lines("rackcast_traffic_flagged_total");
    expect((await flagged()).map((line) => line.split(" ")[1])).toEqual(["0", "0", "0"]);
    count({ ...NOTHING, restarted: 1, implausible: 2, outOfOrder: 3 });
    count({ ...NOTHING, restarted: 10 });
    expect(await flagged()).toEqual([
      'rackcast_traffic_flagged_total{flag="restarted"} 11',
      'rackcast_traffic_flagged_total{flag="implausible"} 2',
      'rackcast_traffic_flagged_total{flag="out-of-order"} 3',
    ]);
  });

  it("is told with how its counting fares, as it is when it is asked", async () => {
    const { metrics, lines } = setup();
    const reports = { waiting: 1, skipped: 2, lost: 3 };
    let isBehind = false;
    const delivery = { delivered: 5, deliveredAt: undefined, failure: { since: 6000, why: "it is away" } };
    const status = () => ({ reports, books: { pendingCount: 4, delivery } });
    metrics.addTraffic().watch({ status, isBehind: () => isBehind });
    const told = async () => (await lines("rackcast_traffic")).filter((line) => !line.includes("{"));
    await told();
    [reports.skipped, isBehind] = [20, true];
    expect(await told()).toEqual([
      "rackcast_traffic_reports_waiting 1",
      "rackcast_traffic_reports_skipped_total 20",
      "rackcast_traffic_reports_lost_total 3",
      "rackcast_traffic_deltas_pending 4",
      "rackcast_traffic_deltas_delivered_total 5",
      "rackcast_traffic_delivery_failing_since_seconds 6",
      "rackcast_traffic_behind 1",
    ]);
  });

  it("is not told by a tracker that does not account", async () => {
    const { lines } = setup();
    expect(await lines("rackcast_traffic")).toEqual([]);
  });
});
