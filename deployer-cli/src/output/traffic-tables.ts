// How what clients moved is shown.
import type { RackTraffic, Traffic, UserTraffic } from "../api/resources.ts";
import { type Column, formatTable } from "./table.ts";
import { type Paper, roomOn } from "./transfer-tables.ts";
import { formatBytes, formatCount, formatQuotient, formatSeconds, formatShare, formatTime } from "./units.ts";

export interface CountedTransfer {
  readonly traffic: Traffic;
  /** Of the payload. */
  readonly lengthBytes: number;
  /** With a row for each user beside those of the racks. */
  readonly hasUsers?: boolean | undefined;
}

/** The sums, and a table of racks. */
export function trafficText(counted: CountedTransfer, { stdout, colors }: Paper): string {
  const { racks, users } = counted.traffic;
  if (racks.length === 0) return "traffic    nothing was counted yet";
  const parts = [trafficLines(counted), formatTable(rackColumns(counted), racks, colors, roomOn(stdout))];
  if (counted.hasUsers) parts.push(formatTable(userColumns(counted), users, colors, roomOn(stdout)));
  return parts.join("\n\n");
}

function trafficLines({ traffic, lengthBytes }: CountedTransfer): string {
  const { racks, users, uploadedBytes, downloadedBytes, changedAt } = traffic;
  // A user that is counted in several racks is one.
  const userCount = new Set(users.map(({ user }) => user)).size;
  return [
    `traffic    ${formatBytes(downloadedBytes)} downloaded, ${formatBytes(uploadedBytes)} uploaded, as clients told`,
    `copies     ${formatQuotient(downloadedBytes, lengthBytes)} of the payload, by ${formatCount(userCount, "user")} in ${formatCount(racks.length, "rack")}`,
    `counted    last ${formatTime(changedAt)}`,
  ].join("\n");
}

function rackColumns(counted: CountedTransfer): readonly Column<RackTraffic>[] {
  return [
    { head: "RACK", cell: ({ rack }) => rack },
    { head: "USERS", align: "right", expendable: 1, cell: ({ users }) => String(users) },
    ...amountColumns(counted),
  ];
}

function userColumns(counted: CountedTransfer): readonly Column<UserTraffic>[] {
  return [
    { head: "USER", cell: ({ user }) => user },
    { head: "RACK", cell: ({ rack }) => rack },
    ...amountColumns(counted),
  ];
}

type Amounts = Omit<UserTraffic, "rack" | "user">;

function amountColumns({ traffic, lengthBytes }: CountedTransfer): readonly Column<Amounts>[] {
  return [
    number("DOWNLOADED", ({ downloadedBytes }) => formatBytes(downloadedBytes)),
    number("SHARE", ({ downloadedBytes }) => shareOf(downloadedBytes, traffic.downloadedBytes), 2),
    number("COPIES", ({ downloadedBytes }) => formatQuotient(downloadedBytes, lengthBytes)),
    number("UPLOADED", ({ uploadedBytes }) => formatBytes(uploadedBytes)),
    number("SHARE", ({ uploadedBytes }) => shareOf(uploadedBytes, traffic.uploadedBytes), 3),
    number("RATIO", ({ uploadedBytes, downloadedBytes }) => formatQuotient(uploadedBytes, downloadedBytes)),
    number("SEEDED", ({ secondsSeeded }) => formatSeconds(secondsSeeded), 4),
    { head: "LAST CHANGE", expendable: 5, cell: ({ changedAt }) => formatTime(changedAt) },
  ];
}

function number(head: string, cell: (amounts: Amounts) => string, expendable?: number): Column<Amounts> {
  return { head, align: "right", cell, ...(expendable !== undefined && { expendable }) };
}

function shareOf(part: number, whole: number): string {
  return whole === 0 ? "-" : formatShare(part / whole);
}
