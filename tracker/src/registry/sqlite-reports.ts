// Hosts' reports in the SQLite registry's file, mirrored in memory.
import { setImmediate as afterOthers } from "node:timers/promises";
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { inTransaction } from "../sqlite/migration.ts";
import type { InfoHash } from "../swarm/identifiers.ts";
import { reportsFull, transferNotActive } from "./errors.ts";
import {
  type HostReport,
  type HostReports,
  type HostReportState,
  MOST_REPORTS,
  reportsInOrder,
} from "./host-reports.ts";
import { shareRuns } from "./shared-runs.ts";

export interface SqliteReports extends HostReports {
  /** Takes a transfer's reports out of the file; to be called in a transaction, and `forget` after it. */
  erase(infoHash: InfoHash): void;
  forget(infoHash: InfoHash): void;
}

interface Pending {
  readonly infoHash: InfoHash;
  readonly report: HostReport;
}

export function createSqliteReports(database: DatabaseSync, isActive: (infoHash: InfoHash) => boolean): SqliteReports {
  const upsert = database.prepare(
    "INSERT OR REPLACE INTO host_reports (info_hash, address, state, code, message, reported_at) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const remove = database.prepare("DELETE FROM host_reports WHERE info_hash = ?");
  const reports = new Map<InfoHash, Map<string, HostReport>>();
  for (const row of database.prepare("SELECT * FROM host_reports").all())
    mirror({ infoHash: row["info_hash"] as InfoHash, report: fromRow(row) });
  let pending: Pending[] = [];

  function mirror({ infoHash, report }: Pending): void {
    const own = reports.get(infoHash) ?? new Map<string, HostReport>();
    reports.set(infoHash, own.set(report.address, report));
  }

  /** Each write is waited for until it is on the disk, and a thousand hosts may report at once: those share one. */
  const write = shareRuns(async () => {
    await afterOthers();
    const batch = pending.filter(({ infoHash }) => isActive(infoHash));
    pending = [];
    inTransaction(database, () => batch.forEach(({ infoHash, report }) => upsert.run(...toRow(infoHash, report))));
    batch.forEach(mirror);
  });

  return {
    async put(infoHash, report) {
      if (!isActive(infoHash)) throw transferNotActive(infoHash);
      const own = reports.get(infoHash);
      if (own !== undefined && own.size >= MOST_REPORTS && !own.has(report.address)) throw reportsFull(infoHash);
      pending.push({ infoHash, report });
      await write();
    },
    find: async (infoHash, address) => reports.get(infoHash)?.get(address),
    list: async (infoHash) => reportsInOrder(reports.get(infoHash)?.values() ?? []),
    erase: (infoHash) => void remove.run(infoHash),
    forget: (infoHash) => void reports.delete(infoHash),
  };
}

function toRow(infoHash: InfoHash, { address, state, code, message, reportedAt }: HostReport) {
  return [infoHash, address, state, code ?? null, message ?? null, reportedAt];
}

/** The table is STRICT and written by `toRow` alone, so a row has the types that its columns say. */
function fromRow(row: Record<string, SQLOutputValue>): HostReport {
  return {
    address: row["address"] as string,
    state: row["state"] as HostReportState,
    code: (row["code"] ?? undefined) as string | undefined,
    message: (row["message"] ?? undefined) as string | undefined,
    reportedAt: row["reported_at"] as number,
  };
}
