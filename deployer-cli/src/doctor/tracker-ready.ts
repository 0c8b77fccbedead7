// Is the tracker there, and can each part of it serve?
import { type Check, failed, type Finding, ok } from "./check.ts";
import { askTracker, type TrackerProbe } from "./tracker-probe.ts";

export function trackerReady(tracker: TrackerProbe): Check {
  return {
    name: "tracker: ready",
    run: async (signal) => {
      const { status, body } = await askTracker(tracker, "/readyz", signal);
      return judgeReadiness(tracker.url, status, body);
    },
  };
}

export function judgeReadiness(url: string, status: number, body: string): Finding {
  const parts = readParts(body);
  if (parts === undefined) {
    return failed(
      `what answers at ${url} is no Rackcast tracker (status ${status})`,
      "Correct --tracker or RACKCAST_TRACKER.",
    );
  }
  const away = [...parts].filter(([, state]) => state !== "ok").map(([name]) => name);
  if (status === 200 && away.length === 0) return ok(`${url} is ready: ${[...parts.keys()].join(", ")}`);
  return failed(
    `${url} is not ready: ${away.join(", ")}`,
    "The tracker's log says why; clients are told to try again meanwhile.",
  );
}

function readParts(body: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const { status, checks } = JSON.parse(body) as { status?: unknown; checks?: object };
    return typeof status === "string" && checks ? new Map(Object.entries(checks)) : undefined;
  } catch {
    return undefined;
  }
}
