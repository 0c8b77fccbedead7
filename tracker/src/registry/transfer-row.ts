// A transfer between its object and its row.
import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
import type { InfoHash } from "../swarm/identifiers.ts";
import type { Transfer, TransferState } from "./transfer-registry.ts";

const COLUMNS = [
  ["infoHash", "info_hash"],
  ["name", "name"],
  ["lengthBytes", "length_bytes"],
  ["pieceLengthBytes", "piece_length_bytes"],
  ["fileCount", "file_count"],
  ["state", "state"],
  ["origins", "origins"],
  ["targets", "targets"],
  ["registeredAt", "registered_at"],
  ["activatedAt", "activated_at"],
  ["deactivatedAt", "deactivated_at"],
  ["firstStartedAt", "first_started_at"],
  ["lastStartedAt", "last_started_at"],
  ["firstCompletedAt", "first_completed_at"],
  ["lastCompletedAt", "last_completed_at"],
] as const satisfies readonly (readonly [keyof Transfer, string])[];

const names = COLUMNS.map(([, column]) => column);
const updates = names.slice(1).map((column) => `${column} = excluded.${column}`);

export const SELECT_TRANSFERS = `SELECT ${names.join(", ")} FROM transfers ORDER BY registered_at, rowid`;
export const UPSERT_TRANSFER = `INSERT INTO transfers (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})
  ON CONFLICT (info_hash) DO UPDATE SET ${updates.join(", ")}`;

/** Values in the order that `UPSERT_TRANSFER` takes them. */
export function toRow(transfer: Transfer): SQLInputValue[] {
  return COLUMNS.map(([field]) => {
    const value: Transfer[typeof field] = transfer[field];
    return typeof value === "object" ? JSON.stringify(value) : (value ?? null);
  });
}

/** The tables are STRICT and written by `toRow` alone, so a row has the types that its columns say. */
export function fromRow(row: Record<string, SQLOutputValue>): Transfer {
  const time = (column: string) => (row[column] ?? undefined) as number | undefined;
  return {
    infoHash: row["info_hash"] as InfoHash,
    name: row["name"] as string,
    lengthBytes: row["length_bytes"] as number,
    pieceLengthBytes: row["piece_length_bytes"] as number,
    fileCount: row["file_count"] as number,
    state: row["state"] as TransferState,
    origins: JSON.parse(row["origins"] as string) as string[],
    targets: JSON.parse(row["targets"] as string) as string[],
    registeredAt: row["registered_at"] as number,
    activatedAt: time("activated_at"),
    deactivatedAt: time("deactivated_at"),
    firstStartedAt: time("first_started_at"),
    lastStartedAt: time("last_started_at"),
    firstCompletedAt: time("first_completed_at"),
    lastCompletedAt: time("last_completed_at"),
  };
}
