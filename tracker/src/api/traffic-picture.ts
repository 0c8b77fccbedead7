// What clients moved as the API tells it: in all, by rack and by user.
import type { Static } from "typebox";
import type { TrafficTotal } from "../accounting/ledger.ts";
import { byName } from "./name-order.ts";
import type { Traffic } from "./schemas.ts";
import { timeText, timeTextOrNull } from "./time-text.ts";

type TrafficPicture = Static<typeof Traffic>;

export function pictureTraffic(totals: readonly TrafficTotal[]): TrafficPicture {
  const racks = [...Map.groupBy(totals, ({ rack }) => rack)].sort(([one], [other]) => byName(one, other));
  return {
    ...amountsOf(totals),
    changedAt: timeTextOrNull(totals.length === 0 ? undefined : lastChange(totals)),
    racks: racks.map(([rack, members]) => ({
      rack,
      users: members.length,
      ...amountsOf(members),
      changedAt: timeText(lastChange(members)),
    })),
    users: racks.flatMap(([, members]) => members.sort((one, other) => byName(one.user, other.user)).map(pictureUser)),
  };
}

function pictureUser(total: TrafficTotal): TrafficPicture["users"][number] {
  return { rack: total.rack, user: total.user, ...amountsOf([total]), changedAt: timeText(total.changedAt) };
}

function amountsOf(totals: readonly TrafficTotal[]) {
  let [uploadedBytes, downloadedBytes, seededMs] = [0, 0, 0];
  for (const { uploaded, downloaded, secondsSeeded } of totals) {
    uploadedBytes += uploaded;
    downloadedBytes += downloaded;
    // Sums of fractions would not be to the millisecond.
    seededMs += Math.round(secondsSeeded * 1000);
  }
  return { uploadedBytes, downloadedBytes, secondsSeeded: seededMs / 1000 };
}

function lastChange(totals: readonly TrafficTotal[]): number {
  return totals.reduce((last, { changedAt }) => Math.max(last, changedAt), 0);
}
