// How transfers, racks and hosts are shown.
import type { Host, HostReport, Rack, Transfer, TransferDetail } from "../api/resources.ts";
import { formatTable, oneLine, type Column } from "./table.ts";
import { columnsOf, isTerminal, type Stream, type Terminal } from "./terminal.ts";
import { formatBytes, formatClients, formatCount, formatRate, formatShare, formatTime } from "./units.ts";

const TRANSFER_COLUMNS: readonly Column<Transfer>[] = [
  { head: "NAME", cell: ({ name }) => name },
  { head: "INFO-HASH", expendable: 1, cell: ({ infoHash }) => infoHash },
  { head: "STATE", cell: ({ state }) => state },
  { head: "SIZE", align: "right", cell: ({ lengthBytes }) => formatBytes(lengthBytes) },
  { head: "DONE", align: "right", cell: ({ progress }) => formatShare(progress) },
  { head: "SEEDERS", align: "right", cell: ({ seeders }) => String(seeders) },
  { head: "LEECHERS", align: "right", cell: ({ leechers }) => String(leechers) },
];

const RACK_COLUMNS: readonly Column<Rack>[] = [
  { head: "RACK", cell: ({ rack }) => rack },
  { head: "HOSTS", align: "right", cell: ({ hosts }) => String(hosts) },
  { head: "REPRESENTATIVES", align: "right", cell: ({ representatives }) => String(representatives) },
  { head: "SEEDERS", align: "right", cell: ({ seeders }) => String(seeders) },
  { head: "DONE", align: "right", cell: ({ progress }) => formatShare(progress) },
];

/** A host that is in the swarm, that reported, or both. */
interface HostRow {
  readonly address: string;
  readonly host: Host | undefined;
  readonly report: HostReport | undefined;
}

const HOST_COLUMNS: readonly Column<HostRow>[] = [
  { head: "HOST", cell: ({ address }) => address },
  { head: "RACK", cell: ofHost(({ rack }) => rack) },
  {
    head: "ROLE",
    expendable: 1,
    cell: ofHost(({ role, active }) => (role === "representative" && active ? "representative (active)" : role)),
  },
  { head: "DONE", align: "right", cell: ofHost(({ progress }) => formatShare(progress)) },
  {
    head: "RATE",
    expendable: 2,
    align: "right",
    cell: ofHost(({ downloadRate, seeder }) => (seeder ? "-" : formatRate(downloadRate))),
  },
  { head: "CLIENT", expendable: 4, cell: ofHost(({ client }) => client) },
  { head: "LAST SEEN", expendable: 3, cell: ofHost(({ lastSeenAt }) => formatTime(lastSeenAt)) },
  { head: "REPORT", cell: ({ report }) => formatReport(report) },
];

function ofHost(cell: (host: Host) => string): (row: HostRow) => string {
  return ({ host }) => (host === undefined ? "-" : cell(host));
}

function formatReport(report: HostReport | undefined): string {
  if (report?.state !== "failed") return report?.state ?? "-";
  return ["failed", report.message ?? report.code].filter((part) => part !== null).join(": ");
}

/** Where tables go: what does not fit a terminal is left out. */
export type Paper = Pick<Terminal, "stdout" | "colors">;

/** Off a terminal, where programs read them, tables are whole. */
export function roomOn(stdout: Stream): number {
  return isTerminal(stdout) ? columnsOf(stdout) : Number.POSITIVE_INFINITY;
}

export function transferTable(transfers: readonly Transfer[], { stdout, colors }: Paper): string {
  return formatTable(TRANSFER_COLUMNS, transfers, colors, roomOn(stdout));
}

export function rackTable(racks: readonly Rack[], { stdout, colors }: Paper): string {
  return formatTable(RACK_COLUMNS, racks, colors, roomOn(stdout));
}

/** Hosts of the swarm in order of arrival, then those that only reported. */
export function hostTable({ hosts, reports }: TransferDetail, { stdout, colors }: Paper): string {
  const reportOf = new Map(reports.map((report) => [report.address, report]));
  const live = new Set(hosts.map(({ address }) => address));
  const rows = hosts.map((host): HostRow => ({ address: host.address, host, report: reportOf.get(host.address) }));
  const others = reports.filter(({ address }) => !live.has(address));
  rows.push(...others.map((report) => ({ address: report.address, host: undefined, report })));
  return formatTable(HOST_COLUMNS, rows, colors, roomOn(stdout));
}

export function transferLines(transfer: TransferDetail): string {
  const { name, infoHash, state, lengthBytes, fileCount, progress, seeders, leechers, missingHosts, targets } =
    transfer;
  const failed = transfer.reports.filter(({ state }) => state === "failed").length;
  const lines = [
    `name       ${oneLine(name)}`,
    `info-hash  ${infoHash}`,
    `state      ${state}`,
    `size       ${formatBytes(lengthBytes)} in ${formatCount(fileCount, "file")}`,
    `progress   ${formatShare(progress)}, ${formatClients(seeders, leechers)}`,
    `origins    ${transfer.origins.join(" ") || "-"}`,
    `targets    ${targets.length === 0 ? "not declared" : `${targets.length - missingHosts.length} of ${targets.length} complete`}`,
    `reports    ${transfer.reports.length - failed} verified, ${failed} failed`,
    `activated  ${formatTime(transfer.activatedAt)}`,
    `started    first ${formatTime(transfer.firstStartedAt)}, last ${formatTime(transfer.lastStartedAt)}`,
    `completed  first ${formatTime(transfer.firstCompletedAt)}, last ${formatTime(transfer.lastCompletedAt)}`,
  ];
  return lines.join("\n");
}

/** The first few, and how many more. */
export function shortList(items: readonly string[], atMost: number): string {
  const rest = items.length - atMost;
  return items.slice(0, atMost).join(" ") + (rest > 0 ? ` and ${rest} more` : "");
}
