// Bans in the SQLite registry's file, mirrored in memory for the announce path.
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { Ban, BanKind } from "../bans/ban.ts";
import { createBanIndex } from "../bans/ban-index.ts";
import { type BanList, inOrderOfTime } from "../bans/ban-list.ts";

export function createSqliteBanList(database: DatabaseSync): BanList {
  const upsert = database.prepare("INSERT OR REPLACE INTO bans (kind, value, reason, banned_at) VALUES (?, ?, ?, ?)");
  const remove = database.prepare("DELETE FROM bans WHERE kind = ? AND value = ?");
  const rows = database.prepare("SELECT kind, value, reason, banned_at FROM bans").all();
  const bans = createBanIndex(rows.map(fromRow));

  return {
    lookup: bans.lookup,
    turnsAway: bans.turnsAway,
    find: bans.find,
    async ban({ kind, value }, reason, now) {
      const before = bans.find({ kind, value });
      if (before?.reason === reason) return before;
      const after: Ban = { kind, value, reason, bannedAt: before?.bannedAt ?? now, source: "api" };
      upsert.run(kind, value, reason, after.bannedAt);
      bans.add(after);
      return after;
    },
    async unban(subject) {
      const before = bans.find(subject);
      remove.run(subject.kind, subject.value);
      bans.remove(subject);
      return before;
    },
    list: async () => inOrderOfTime(bans.all()),
  };
}

/** The table is STRICT, so a row has the types that its columns say. */
function fromRow(row: Record<string, SQLOutputValue>): Ban {
  return {
    kind: row["kind"] as BanKind,
    value: row["value"] as string,
    reason: row["reason"] as string,
    bannedAt: row["banned_at"] as number,
    source: "api",
  };
}
