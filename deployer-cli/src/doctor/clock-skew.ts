// Do this machine and the tracker agree on the time? Logs, reports and certificates go by it.
import { type Check, failed, type Finding, ok, skipped, warning } from "./check.ts";
import { askTracker, type TrackerProbe } from "./tracker-probe.ts";

const WARN_SECONDS = 2;
const FAIL_SECONDS = 30;
const REMEDY = "Let both keep time by NTP (chrony, systemd-timesyncd).";

export function clockSkew(tracker: TrackerProbe): Check {
  return {
    name: "tracker: clock",
    run: async (signal) => {
      const askedAt = Date.now();
      const { headers } = await askTracker(tracker, "/healthz", signal);
      return judgeClock(headers.get("date"), { askedAt, answeredAt: Date.now() });
    },
  };
}

/** `date` is that of HTTP, cut to the second. The times are in milliseconds since the epoch. */
export function judgeClock(
  date: string | null,
  our: { readonly askedAt: number; readonly answeredAt: number },
): Finding {
  const theirs = date === null ? NaN : Date.parse(date);
  if (Number.isNaN(theirs)) return skipped("the tracker, or a proxy before it, tells no time");
  // It was read at some time of that second, and between question and answer: what lies within that is no skew.
  const ahead = Math.max(0, theirs - our.answeredAt);
  const behind = Math.max(0, our.askedAt - (theirs + 999));
  const seconds = Math.max(ahead, behind) / 1000;
  const seen = `the tracker's clock is ${seconds.toFixed(1)} s ${ahead > 0 ? "ahead" : "behind"}`;
  if (seconds > FAIL_SECONDS) return failed(seen, REMEDY);
  return seconds > WARN_SECONDS ? warning(seen, REMEDY) : ok("the tracker's clock agrees with this machine's");
}
