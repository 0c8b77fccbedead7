// What a call to `record` added, as it is told to metrics.
import type { Counted } from "./counting.ts";
import type { Moved, Recorded } from "./ledger.ts";

export function recordedOf(all: readonly Counted[], pendingCount: number): Recorded {
  const racks = new Map<string, Moved>();
  for (const { addition } of all) {
    if (addition === undefined) continue;
    const before = racks.get(addition.rack);
    const uploaded = (before?.uploaded ?? 0) + addition.uploaded;
    racks.set(addition.rack, { uploaded, downloaded: (before?.downloaded ?? 0) + addition.downloaded });
  }
  const number = (verdict: Counted["verdict"]) => all.filter((counted) => counted.verdict === verdict).length;
  return {
    racks,
    restarted: number("restarted"),
    implausible: number("implausible"),
    outOfOrder: number("out-of-order"),
    pendingCount,
  };
}
