// Hosts' reports as the API tells them: only those that were made since the transfer's activation count.
import type { Static } from "typebox";
import type { HostReport as KeptReport } from "../registry/host-reports.ts";
import type { Registry } from "../registry/registry.ts";
import type { Transfer } from "../registry/transfer-registry.ts";
import type { HostReport } from "./host-report-schemas.ts";
import { timeText } from "./time-text.ts";

type Reports = Pick<Registry, "reports">;

export async function pictureReports({ reports }: Reports, transfer: Transfer): Promise<Static<typeof HostReport>[]> {
  const kept = await reports.list(transfer.infoHash);
  return kept.filter((report) => counts(report, transfer)).map(pictureReport);
}

export async function findReport(
  { reports }: Reports,
  transfer: Transfer,
  address: string,
): Promise<Static<typeof HostReport> | null> {
  const report = await reports.find(transfer.infoHash, address);
  return report !== undefined && counts(report, transfer) ? pictureReport(report) : null;
}

export function pictureReport({ address, state, code, message, reportedAt }: KeptReport): Static<typeof HostReport> {
  return { address, state, code: code ?? null, message: message ?? null, reportedAt: timeText(reportedAt) };
}

function counts({ reportedAt }: KeptReport, { activatedAt }: Transfer): boolean {
  return activatedAt !== undefined && reportedAt >= activatedAt;
}
