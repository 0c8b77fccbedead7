// Do the tracker's resolvers answer where hosts are, or is one left alone because it failed too often?
import { type Check, type Finding, ok, skipped, warning } from "./check.ts";
import { askTracker, type TrackerProbe } from "./tracker-probe.ts";

const BREAKER = /^rackcast_topology_breaker_state\{resolver="([^"]*)"\} ([012])$/gm;
const CLOSED = "0";

export function resolverBreakers(tracker: TrackerProbe): Check {
  return {
    name: "tracker: resolvers",
    run: async (signal) => {
      const { status, body } = await askTracker(tracker, "/metrics", signal);
      return judgeBreakers(status, body);
    },
  };
}

/** `metrics` is in the text format of Prometheus. */
export function judgeBreakers(status: number, metrics: string): Finding {
  if (status === 401 || status === 403) {
    return skipped(
      "the tracker tells its metrics to control calls only",
      "Set RACKCAST_TOKEN to the tracker's API_TOKEN.",
    );
  }
  if (status !== 200) return skipped(`the tracker's metrics are answered with status ${status}`);
  const states = [...metrics.matchAll(BREAKER)].map(([, name = "", state]) => ({ name, isClosed: state === CLOSED }));
  const open = states.filter(({ isClosed }) => !isClosed).map(({ name }) => name);
  if (open.length === 0)
    return ok(states.length === 0 ? "no resolver asks another service" : "every resolver's service answers");
  const remedy =
    "See what it answers: rackcast topology resolve <address> --all; new hosts count as unknown until it is back.";
  return warning(`${open.join(", ")} failed too often and is left alone for a while`, remedy);
}
