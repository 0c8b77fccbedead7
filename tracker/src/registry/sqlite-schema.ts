// The tables of the SQLite registry, as the steps that lead to them.

/** For `migrate`. Torrents stand apart, so that a change of state does not rewrite them. */
export const REGISTRY_STEPS: readonly string[] = [
  `CREATE TABLE transfers (
     info_hash TEXT PRIMARY KEY,
     name TEXT NOT NULL,
     length_bytes INTEGER NOT NULL,
     piece_length_bytes INTEGER NOT NULL,
     file_count INTEGER NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('registered', 'active', 'inactive')),
     origins TEXT NOT NULL,
     targets TEXT NOT NULL,
     registered_at INTEGER NOT NULL,
     activated_at INTEGER,
     deactivated_at INTEGER,
     first_started_at INTEGER,
     last_started_at INTEGER,
     first_completed_at INTEGER,
     last_completed_at INTEGER
   ) STRICT;
   CREATE UNIQUE INDEX names_in_use ON transfers (name) WHERE state <> 'inactive';
   CREATE TABLE torrents (info_hash TEXT PRIMARY KEY REFERENCES transfers, bytes BLOB NOT NULL) STRICT;`,
  `CREATE TABLE bans (info_hash TEXT PRIMARY KEY, reason TEXT NOT NULL, banned_at INTEGER NOT NULL) STRICT;
   CREATE TABLE audit (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     at INTEGER NOT NULL,
     action TEXT NOT NULL,
     info_hash TEXT,
     actor TEXT NOT NULL,
     detail TEXT NOT NULL
   ) STRICT;`,
  `ALTER TABLE bans RENAME TO bans_of_info_hashes;
   CREATE TABLE bans (
     kind TEXT NOT NULL CHECK (kind IN ('info-hash', 'cidr', 'client')),
     value TEXT NOT NULL,
     reason TEXT NOT NULL,
     banned_at INTEGER NOT NULL,
     PRIMARY KEY (kind, value)
   ) STRICT;
   INSERT INTO bans SELECT 'info-hash', info_hash, reason, banned_at FROM bans_of_info_hashes;
   DROP TABLE bans_of_info_hashes;`,
  `CREATE TABLE host_reports (
     info_hash TEXT NOT NULL REFERENCES transfers,
     address TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('verified', 'failed')),
     code TEXT,
     message TEXT,
     reported_at INTEGER NOT NULL,
     PRIMARY KEY (info_hash, address)
   ) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE announce_keys (
     user TEXT PRIMARY KEY,
     digest TEXT NOT NULL,
     issued_at INTEGER NOT NULL,
     rotated_at INTEGER,
     former TEXT NOT NULL
   ) STRICT;`,
];
