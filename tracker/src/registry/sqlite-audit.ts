// The audit log in the SQLite registry's file.
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { InfoHash } from "../swarm/identifiers.ts";
import { AUDIT_ENTRIES_KEPT, type AuditAction, type AuditEntry, type AuditLog } from "./audit-log.ts";

export function createSqliteAuditLog(database: DatabaseSync): AuditLog {
  const insert = database.prepare("INSERT INTO audit (at, action, info_hash, actor, detail) VALUES (?, ?, ?, ?, ?)");
  const forget = database.prepare("DELETE FROM audit WHERE id <= ?");
  const select = database.prepare("SELECT * FROM audit ORDER BY id DESC LIMIT ?");

  return {
    async append({ at, action, infoHash, actor, detail }) {
      const { lastInsertRowid } = insert.run(at, action, infoHash ?? null, actor, JSON.stringify(detail));
      forget.run(Number(lastInsertRowid) - AUDIT_ENTRIES_KEPT);
    },
    list: async (limit) => select.all(limit).map(fromRow),
  };
}

/** The table is STRICT and written by `append` alone, so a row has the types that its columns say. */
function fromRow(row: Record<string, SQLOutputValue>): AuditEntry {
  return {
    at: row["at"] as number,
    action: row["action"] as AuditAction,
    infoHash: (row["info_hash"] ?? undefined) as InfoHash | undefined,
    actor: row["actor"] as string,
    detail: JSON.parse(row["detail"] as string) as Record<string, unknown>,
  };
}
