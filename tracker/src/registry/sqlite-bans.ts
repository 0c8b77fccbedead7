// Bans in the SQLite registry's file, mirrored in memory for the announce path.
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { InfoHash } from "../swarm/identifiers.ts";
import { type Ban, type BanList, inOrderOfTime } from "./ban-list.ts";

export function createSqliteBanList(database: DatabaseSync): BanList {
  const upsert = database.prepare("INSERT OR REPLACE INTO bans (info_hash, reason, banned_at) VALUES (?, ?, ?)");
  const remove = database.prepare("DELETE FROM bans WHERE info_hash = ?");
  const rows = database.prepare("SELECT info_hash, reason, banned_at FROM bans").all();
  const bans = new Map<InfoHash, Ban>(rows.map(fromRow).map((ban) => [ban.infoHash, ban]));

  return {
    lookup: (infoHash) => bans.get(infoHash),
    async ban(infoHash, reason, now) {
      const before = bans.get(infoHash);
      if (before?.reason === reason) return before;
      const after = { infoHash, reason, bannedAt: before?.bannedAt ?? now };
      upsert.run(infoHash, reason, after.bannedAt);
      bans.set(infoHash, after);
      return after;
    },
    async unban(infoHash) {
      const before = bans.get(infoHash);
      remove.run(infoHash);
      bans.delete(infoHash);
      return before;
    },
    list: async () => inOrderOfTime(bans.values()),
  };
}

/** The table is STRICT, so a row has the types that its columns say. */
function fromRow(row: Record<string, SQLOutputValue>): Ban {
  return {
    infoHash: row["info_hash"] as InfoHash,
    reason: row["reason"] as string,
    bannedAt: row["banned_at"] as number,
  };
}
