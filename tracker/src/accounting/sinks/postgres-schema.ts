// The table of deltas in PostgreSQL: made, brought up to date, and written to.
import { type Client, escapeIdentifier } from "pg";
import { SinkError } from "../delta-sink.ts";

/** Never change one that was released; add another. Names that PostgreSQL keeps for itself (`user`, `left`) are avoided. */
const MIGRATIONS: readonly ((table: string) => string)[] = [
  (table) => `
    CREATE TABLE ${table} (
      id text PRIMARY KEY,
      source text NOT NULL,
      sequence bigint NOT NULL,
      reported_at timestamptz NOT NULL,
      user_name text NOT NULL,
      info_hash text NOT NULL,
      peer_id text NOT NULL,
      address inet NOT NULL,
      rack text NOT NULL,
      event text NOT NULL,
      uploaded bigint NOT NULL,
      downloaded bigint NOT NULL,
      seconds_seeded numeric NOT NULL,
      left_bytes bigint NOT NULL,
      flag text NOT NULL
    );
    CREATE INDEX ON ${table} (info_hash, reported_at);
    CREATE INDEX ON ${table} (user_name, reported_at);
    CREATE INDEX ON ${table} USING brin (reported_at);`,
];

/** Its one parameter is a batch as JSON. Deltas that are there already stay as they are. */
export function insertion(table: string): string {
  return `
    INSERT INTO ${quoted(table)} (
      id, source, sequence, reported_at, user_name, info_hash, peer_id, address, rack, event,
      uploaded, downloaded, seconds_seeded, left_bytes, flag)
    SELECT
      id, source, sequence, "reportedAt", "user", "infoHash", "peerId", address, rack, event,
      "deltaUploaded", "deltaDownloaded", "secondsSeeded", "left", flag
    FROM json_to_recordset($1::json) AS delta (
      id text, source text, sequence bigint, "reportedAt" timestamptz, "user" text, "infoHash" text, "peerId" text,
      address inet, rack text, event text, "deltaUploaded" bigint, "deltaDownloaded" bigint, "secondsSeeded" numeric,
      "left" bigint, flag text)
    ON CONFLICT (id) DO NOTHING`;
}

/**
 * Of a table that is up to date it reads the version and changes nothing, so that a user who may only read and insert is enough. Trackers that
 * start at once take turns. Left to itself where it fails: the connection is to be closed.
 */
export async function migrate(client: Client, table: string): Promise<void> {
  const versions = quoted(versionsOf(table));
  if ((await isThere(client, versions)) && (await versionIn(client, versions)) === MIGRATIONS.length) return;
  await client.query("BEGIN");
  // Until the end of the transaction, and not of the session, which PgBouncer gives to others.
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`rackcast ${table}`]);
  // Who waited for the lock still takes what was made meanwhile for not there, until it opens it.
  await client.query(`CREATE TABLE IF NOT EXISTS ${versions} (
    version integer PRIMARY KEY, migrated_at timestamptz NOT NULL DEFAULT now())`);
  const version = await versionIn(client, versions);
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < version) continue;
    await client.query(migration(quoted(table)));
    await client.query(`INSERT INTO ${versions} (version) VALUES ($1)`, [index + 1]);
  }
  await client.query("COMMIT");
}

async function isThere(client: Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ oid: number | null }>("SELECT to_regclass($1)::oid AS oid", [name]);
  return rows[0]?.oid != null;
}

async function versionIn(client: Client, versions: string): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    `SELECT coalesce(max(version), 0) AS version FROM ${versions}`,
  );
  const version = rows[0]?.version ?? 0;
  if (version <= MIGRATIONS.length) return version;
  const remedy = "run that one, or name another table by ?table= in ACCOUNTING_SINK";
  throw new SinkError(`${versions} is of a later Rackcast (version ${version}); ${remedy}`, { isRefusal: true });
}

function versionsOf(table: string): string {
  return `${table}_versions`;
}

function quoted(table: string): string {
  return table.split(".").map(escapeIdentifier).join(".");
}
