// The embedded registry: transfers, hosts' reports, bans, announce keys and the audit log in one SQLite file, mirrored in memory for the announce path.
import type { DatabaseSync } from "node:sqlite";
import { openExclusively } from "../sqlite/exclusive-file.ts";
import { inTransaction, isBusy, NewerFileError } from "../sqlite/migration.ts";
import type { InfoHash } from "../swarm/identifiers.ts";
import { nameTaken, RegistryError, transferUnknown } from "./errors.ts";
import { createProgressNotes, type ProgressNote } from "./progress-notes.ts";
import { REGISTRY_STEPS } from "./sqlite-schema.ts";
import type { Registry } from "./registry.ts";
import { createSqliteAnnounceKeys } from "./sqlite-announce-keys.ts";
import { createSqliteAuditLog } from "./sqlite-audit.ts";
import { createSqliteBanList } from "./sqlite-bans.ts";
import { createSqliteReports } from "./sqlite-reports.ts";
import type { Transfer, TransferContent } from "./transfer-registry.ts";
import { fromRow, SELECT_TRANSFERS, toRow, UPSERT_TRANSFER } from "./transfer-row.ts";
import { activated, deactivated, progressed, registered } from "./transitions.ts";

export interface SqliteRegistryOptions {
  /** Hears of background writes that failed; they are tried again. */
  readonly log?: { error(details: object, message: string): void } | undefined;
}

/**
 * `file` is made when it is not there; its folder must be. One process at a time may have it open, because the mirror
 * knows no other writer. Throws `REGISTRY_UNREADABLE`, `REGISTRY_IN_USE` or `REGISTRY_TOO_NEW`.
 */
export function openSqliteRegistry(file: string, { log }: SqliteRegistryOptions = {}): Registry {
  const database = openDatabase(file);
  const upsertTransfer = database.prepare(UPSERT_TRANSFER);
  const upsertTorrent = database.prepare("INSERT OR REPLACE INTO torrents (info_hash, bytes) VALUES (?, ?)");
  const selectTorrent = database.prepare("SELECT bytes FROM torrents WHERE info_hash = ?");
  const transfers = new Map<InfoHash, Transfer>(
    database
      .prepare(SELECT_TRANSFERS)
      .all()
      .map(fromRow)
      .map((transfer) => [transfer.infoHash, transfer]),
  );
  const reports = createSqliteReports(database, (infoHash) => transfers.get(infoHash)?.state === "active");
  const notes = createProgressNotes(writeNotes, (err) => {
    log?.error({ err }, "the registry could not write when peers started or completed; it tries again");
  });

  /** The mirror follows only once the file has the change. */
  function store(changed: readonly Transfer[], torrent?: Uint8Array): void {
    inTransaction(database, () => {
      for (const transfer of changed) {
        upsertTransfer.run(...toRow(transfer));
        if (torrent !== undefined) upsertTorrent.run(transfer.infoHash, torrent);
        if (transfer.state !== "active") reports.erase(transfer.infoHash);
      }
    });
    for (const transfer of changed) {
      transfers.set(transfer.infoHash, transfer);
      if (transfer.state !== "active") reports.forget(transfer.infoHash);
    }
  }

  function writeNotes(pending: readonly ProgressNote[]): void {
    const changed = new Map<InfoHash, Transfer>();
    for (const { infoHash, what, first, last } of pending) {
      const before = changed.get(infoHash) ?? transfers.get(infoHash);
      if (before !== undefined) changed.set(infoHash, progressed(before, what, { first, last }));
    }
    store([...changed.values()]);
  }

  function register(content: TransferContent, now: number) {
    const known = transfers.get(content.infoHash);
    const transfer = registered(known, content, now);
    if (transfer === known) return { transfer, created: false };
    refuseTakenName(transfer);
    store([transfer], content.torrent);
    return { transfer, created: known === undefined };
  }

  function change(infoHash: InfoHash, next: (transfer: Transfer) => Transfer): Transfer {
    const before = transfers.get(infoHash);
    if (before === undefined) throw transferUnknown(infoHash);
    const after = next(before);
    if (after === before) return before;
    if (before.state === "inactive") refuseTakenName(after);
    store([after]);
    return after;
  }

  function refuseTakenName({ infoHash, name }: Transfer): void {
    for (const other of transfers.values()) {
      if (other.name === name && other.infoHash !== infoHash && other.state !== "inactive")
        throw nameTaken(name, other);
    }
  }

  /** Every call but the announce path's sees what was noted before it. */
  async function settled<Result>(call: () => Result): Promise<Result> {
    await notes.flush();
    return call();
  }

  return {
    lookup: (infoHash) => transfers.get(infoHash),
    register: (content, now) => settled(() => register(content, now)),
    list: () => settled(() => [...transfers.values()]),
    torrent: (infoHash) => settled(() => selectTorrent.get(infoHash)?.["bytes"] as Uint8Array | undefined),
    activate: (infoHash, activation, now) =>
      settled(() => change(infoHash, (transfer) => activated(transfer, activation, now))),
    deactivate: (infoHash, now) => settled(() => change(infoHash, (transfer) => deactivated(transfer, now))),
    noteProgress: notes.add,
    bans: createSqliteBanList(database),
    announceKeys: createSqliteAnnounceKeys(database),
    audit: createSqliteAuditLog(database),
    reports,
    async close() {
      try {
        await notes.close();
      } finally {
        database.close();
      }
    },
  };
}

function openDatabase(file: string): DatabaseSync {
  try {
    return openExclusively(file, REGISTRY_STEPS);
  } catch (cause) {
    throw openingError(file, cause);
  }
}

function openingError(file: string, cause: unknown): RegistryError {
  if (cause instanceof NewerFileError) {
    const message = `${file} ${cause.message}; update the tracker, or set another DATA_DIR.`;
    return new RegistryError("REGISTRY_TOO_NEW", message, { cause });
  }
  if (isBusy(cause)) {
    const message = `${file} is open in another process; stop that tracker, or set another DATA_DIR.`;
    return new RegistryError("REGISTRY_IN_USE", message, { cause });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  const remedy = "check that DATA_DIR exists and may be written, or move a damaged file away";
  return new RegistryError("REGISTRY_UNREADABLE", `${file} cannot be opened (${reason}); ${remedy}.`, { cause });
}
