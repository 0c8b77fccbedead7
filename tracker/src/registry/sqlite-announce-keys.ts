// Announce keys in the SQLite registry's file, mirrored in memory for the announce path.
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { issued, rotated } from "./announce-key-changes.ts";
import { createAnnounceKeyIndex } from "./announce-key-index.ts";
import type { AnnounceKey, AnnounceKeys, FormerKey, IssuedKey } from "./announce-keys.ts";

export function createSqliteAnnounceKeys(database: DatabaseSync): AnnounceKeys {
  const upsert = database.prepare(
    "INSERT OR REPLACE INTO announce_keys (user, digest, issued_at, rotated_at, former) VALUES (?, ?, ?, ?, ?)",
  );
  const remove = database.prepare("DELETE FROM announce_keys WHERE user = ?");
  const keys = createAnnounceKeyIndex(database.prepare("SELECT * FROM announce_keys").all().map(fromRow));

  function store(made: IssuedKey): IssuedKey {
    const { user, digest, issuedAt, rotatedAt, former } = made.record;
    upsert.run(user, digest, issuedAt, rotatedAt ?? null, JSON.stringify(former));
    keys.set(made.record);
    return made;
  }

  return {
    userOf: keys.userOf,
    issue: async (user, now) => store(issued(keys.find(user), user, now)),
    rotate: async (user, graceSeconds, now) => store(rotated(keys.find(user), { user, graceSeconds }, now)),
    async revoke(user) {
      const before = keys.find(user);
      remove.run(user);
      keys.remove(user);
      return before;
    },
    list: async () => keys.all(),
  };
}

/** The table is STRICT and written by `store` alone, so a row has the types that its columns say. */
function fromRow(row: Record<string, SQLOutputValue>): AnnounceKey {
  return {
    user: row["user"] as string,
    digest: row["digest"] as string,
    issuedAt: row["issued_at"] as number,
    rotatedAt: (row["rotated_at"] ?? undefined) as number | undefined,
    former: JSON.parse(row["former"] as string) as FormerKey[],
  };
}
