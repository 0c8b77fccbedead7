// Swarms on disk, so that a restarted tracker does not hand out a second set of representatives.
import { DatabaseSync } from "node:sqlite";
import { deserialize, serialize } from "node:v8";
import type { InfoHash } from "../swarm/identifiers.ts";
import type { SwarmPolicy } from "../swarm/policy.ts";
import type { SwarmRecord } from "../swarm/record.ts";
import { recordSwarm, restoreSwarm } from "../swarm/record.ts";
import type { Swarm } from "../swarm/swarm.ts";

export interface Snapshots {
  /** Every swarm as it was saved last; its peers count as heard at `now`. */
  load(policy: SwarmPolicy, now: number): Map<InfoHash, Swarm>;
  /** All or nothing. A swarm that is undefined is deleted. */
  save(swarms: readonly (readonly [InfoHash, Swarm | undefined])[], now: number): void;
  close(): void;
}

/** Bump when `SwarmRecord` changes: older snapshots are then left out, and their swarms form anew. */
const RECORD_VERSION = 2;

/** One SQLite file with a row a swarm. Throws what node:sqlite throws when the file cannot be opened. */
export function openSnapshots(file: string): Snapshots {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  database.exec("CREATE TABLE IF NOT EXISTS swarms (info_hash TEXT PRIMARY KEY, version INTEGER, record BLOB) STRICT");
  const upsert = database.prepare("INSERT OR REPLACE INTO swarms VALUES (?, ?, ?)");
  const remove = database.prepare("DELETE FROM swarms WHERE info_hash = ?");
  const select = database.prepare("SELECT info_hash, record FROM swarms WHERE version = ?");

  function write(infoHash: InfoHash, swarm: Swarm | undefined, now: number): void {
    if (swarm === undefined) remove.run(infoHash);
    else upsert.run(infoHash, RECORD_VERSION, serialize(recordSwarm(swarm, now)));
  }

  return {
    load(policy, now) {
      const rows = select.all(RECORD_VERSION) as { info_hash: InfoHash; record: Uint8Array }[];
      return new Map(
        rows.map(({ info_hash, record }) => [info_hash, restoreSwarm(deserialize(record) as SwarmRecord, policy, now)]),
      );
    },
    save(swarms, now) {
      database.exec("BEGIN IMMEDIATE");
      try {
        for (const [infoHash, swarm] of swarms) write(infoHash, swarm, now);
        database.exec("COMMIT");
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    },
    close: () => database.close(),
  };
}
