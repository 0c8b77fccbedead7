// The tables of the SQLite ledger, and what is asked of them and done to them.
import { randomBytes } from "node:crypto";
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { InfoHash } from "../swarm/identifiers.ts";
import type { Addition, Baseline } from "./counting.ts";
import { type Delta, numbered, type UnnumberedDelta } from "./delta.ts";
import type { TrafficTotal } from "./ledger.ts";

/** For `migrate`. A client is a transfer's number and the peer id. */
export const LEDGER_STEPS: readonly string[] = [
  `CREATE TABLE ledger (source TEXT NOT NULL, sequence INTEGER NOT NULL) STRICT;
   CREATE TABLE transfers (id INTEGER PRIMARY KEY, info_hash TEXT NOT NULL UNIQUE) STRICT;
   CREATE TABLE baselines (
     transfer INTEGER NOT NULL,
     peer_id BLOB NOT NULL,
     user TEXT NOT NULL,
     address TEXT NOT NULL,
     rack TEXT NOT NULL,
     uploaded INTEGER NOT NULL,
     downloaded INTEGER NOT NULL,
     "left" INTEGER NOT NULL,
     heard_at INTEGER NOT NULL,
     held_uploaded INTEGER NOT NULL,
     held_downloaded INTEGER NOT NULL,
     held_seeded_ms INTEGER NOT NULL,
     PRIMARY KEY (transfer, peer_id)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE totals (
     transfer INTEGER NOT NULL,
     rack TEXT NOT NULL,
     user TEXT NOT NULL,
     uploaded INTEGER NOT NULL,
     downloaded INTEGER NOT NULL,
     seeded_ms INTEGER NOT NULL,
     changed_at INTEGER NOT NULL,
     PRIMARY KEY (transfer, rack, user)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE pending (sequence INTEGER PRIMARY KEY, delta TEXT NOT NULL) STRICT;`,
];

export interface LedgerTables {
  readonly source: string;
  /** Of the delta that was numbered last, and how many wait, as the file says. */
  readonly numbering: { readonly sequence: number; readonly pendingCount: number };
  saveSequence(sequence: number): void;
  transfer(infoHash: InfoHash): number;
  baseline(transfer: number, peerId: Uint8Array): Baseline | undefined;
  keep(transfer: number, peerId: Uint8Array, baseline: Baseline): void;
  forget(transfer: number, peerId: Uint8Array): void;
  /** Silent clients among the `most` next ones after a client, and the last of those looked at; undefined at the end. */
  silent(after: ClientKey, most: number, since: number): SilentClients;
  add(transfer: number, addition: Addition, at: number): void;
  totals(infoHash: InfoHash): TrafficTotal[];
  forgetTotals(unchangedSince: number): void;
  append(sequence: number, delta: UnnumberedDelta): void;
  pending(most: number): Delta[];
  /** How many there were. */
  release(through: number): number;
}

export interface ClientKey {
  readonly transfer: number;
  readonly peerId: Uint8Array;
}

export interface SilentClients {
  readonly clients: readonly (ClientKey & { readonly infoHash: InfoHash; readonly baseline: Baseline })[];
  readonly next: ClientKey | undefined;
}

const SOURCE_BYTES = 8;
const MOST_BYTES = Number.MAX_SAFE_INTEGER;

type Row = readonly SQLOutputValue[];

export function createLedgerTables(database: DatabaseSync): LedgerTables {
  const prepare = (sql: string) => {
    const statement = database.prepare(sql);
    // Rows as arrays cost a third less.
    statement.setReturnArrays(true);
    return statement;
  };
  prepare("INSERT INTO ledger SELECT ?, 0 WHERE NOT EXISTS (SELECT * FROM ledger)").run(
    randomBytes(SOURCE_BYTES).toString("hex"),
  );
  const [source, sequence] = firstRow(prepare("SELECT source, sequence FROM ledger").all());
  const [pendingCount] = firstRow(prepare("SELECT count(*) FROM pending").all());

  const saveSequence = prepare("UPDATE ledger SET sequence = ?");
  const addTransfer = prepare("INSERT INTO transfers (info_hash) VALUES (?) ON CONFLICT DO NOTHING");
  const transferId = prepare("SELECT id FROM transfers WHERE info_hash = ?");
  const baseline = prepare(`SELECT ${BASELINE} FROM baselines WHERE transfer = ? AND peer_id = ?`);
  const keep = prepare("INSERT OR REPLACE INTO baselines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const forget = prepare("DELETE FROM baselines WHERE transfer = ? AND peer_id = ?");
  const walk = prepare(
    `SELECT ${BASELINE}, transfer, peer_id, info_hash FROM baselines JOIN transfers ON transfers.id = transfer
     WHERE (transfer, peer_id) > (?, ?) ORDER BY transfer, peer_id LIMIT ?`,
  );
  const add = prepare(
    `INSERT INTO totals VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
     uploaded = min(uploaded + excluded.uploaded, ${MOST_BYTES}), downloaded = min(downloaded + excluded.downloaded, ${MOST_BYTES}),
     seeded_ms = seeded_ms + excluded.seeded_ms, changed_at = excluded.changed_at`,
  );
  const totals = prepare(
    `SELECT rack, user, uploaded, downloaded, seeded_ms, changed_at FROM totals JOIN transfers ON transfers.id = transfer
     WHERE info_hash = ? ORDER BY rack, user`,
  );
  const forgetTotals = prepare("DELETE FROM totals WHERE changed_at < ?");
  const append = prepare("INSERT INTO pending VALUES (?, ?)");
  const pending = prepare("SELECT sequence, delta FROM pending ORDER BY sequence LIMIT ?");
  const release = prepare("DELETE FROM pending WHERE sequence <= ?");

  return {
    source: String(source),
    numbering: { sequence: Number(sequence), pendingCount: Number(pendingCount) },
    saveSequence: (last) => void saveSequence.run(last),
    transfer(infoHash) {
      addTransfer.run(infoHash);
      const [id] = firstRow(transferId.all(infoHash));
      return Number(id);
    },
    baseline(transfer, peerId) {
      const row = baseline.get(transfer, peerId) as Row | undefined;
      return row === undefined ? undefined : baselineOf(row);
    },
    keep(transfer, peerId, { user, address, rack, uploaded, downloaded, left, heardAt, held }) {
      const counters = [uploaded, downloaded, left, heardAt, held.uploaded, held.downloaded, held.seededMs];
      keep.run(transfer, peerId, user, address, rack, ...counters);
    },
    forget: (transfer, peerId) => void forget.run(transfer, peerId),
    silent(after, most, since) {
      const rows = walk.all(after.transfer, after.peerId, most) as unknown as Row[];
      const clients = rows.map((row) => ({ ...clientOf(row), baseline: baselineOf(row) }));
      return {
        clients: clients.filter(({ baseline: { heardAt } }) => heardAt < since),
        next: rows.length < most ? undefined : clients.at(-1),
      };
    },
    add: (transfer, { rack, user, uploaded, downloaded, seededMs }, at) =>
      void add.run(transfer, rack, user, uploaded, downloaded, seededMs, at),
    totals: (infoHash) => (totals.all(infoHash) as unknown as Row[]).map(totalOf),
    forgetTotals: (unchangedSince) => void forgetTotals.run(unchangedSince),
    append: (number, delta) => void append.run(number, JSON.stringify(delta)),
    pending: (most) =>
      (pending.all(most) as unknown as Row[]).map(([number, delta]) =>
        numbered(JSON.parse(String(delta)) as UnnumberedDelta, String(source), Number(number)),
      ),
    release: (through) => Number(release.run(through).changes),
  };
}

const BASELINE =
  'user, address, rack, uploaded, downloaded, "left", heard_at, held_uploaded, held_downloaded, held_seeded_ms';

function baselineOf(row: Row): Baseline {
  const [user, address, rack, uploaded, downloaded, left, heardAt, heldUploaded, heldDownloaded, heldSeededMs] = row;
  return {
    user: String(user),
    address: String(address),
    rack: String(rack),
    uploaded: Number(uploaded),
    downloaded: Number(downloaded),
    left: Number(left),
    heardAt: Number(heardAt),
    held: { uploaded: Number(heldUploaded), downloaded: Number(heldDownloaded), seededMs: Number(heldSeededMs) },
  };
}

const BASELINE_COLUMNS = 10;

function clientOf(row: Row) {
  const [transfer, peerId, infoHash] = row.slice(BASELINE_COLUMNS);
  return { transfer: Number(transfer), peerId: peerId as Uint8Array, infoHash: infoHash as InfoHash };
}

function totalOf([rack, user, uploaded, downloaded, seededMs, changedAt]: Row): TrafficTotal {
  return {
    rack: String(rack),
    user: String(user),
    uploaded: Number(uploaded),
    downloaded: Number(downloaded),
    secondsSeeded: Number(seededMs) / 1000,
    changedAt: Number(changedAt),
  };
}

/** Of a query that has one. */
function firstRow(rows: unknown[]): Row {
  return rows[0] as Row;
}
