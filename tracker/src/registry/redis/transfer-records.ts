// Transfers and torrents one by one: each change is one script in the slot of its info-hash.
import { randomBytes } from "node:crypto";
import type { InfoHash } from "../../swarm/identifiers.ts";
import type { ProgressNote } from "../progress-notes.ts";
import type { Transfer } from "../transfer-registry.ts";
import type { RegistryAccess } from "./registry-access.ts";
import { reportsKey, torrentKey, transferKey } from "./registry-keys.ts";
import {
  fromFields,
  isoTime,
  NOTED_FIELDS,
  PROGRESS_FIELDS,
  type StoredTransfer,
  toFields,
  withProgress,
} from "./transfer-hash.ts";

export interface TransferWrite {
  /** What was read; undefined when nothing was there. */
  readonly before: StoredTransfer | undefined;
  readonly after: Transfer;
  readonly place: number;
  /** Left out: the one before stays. */
  readonly torrent?: Uint8Array | undefined;
}

export interface TransferRecords {
  /** Reads no more than it has to when it was known before. */
  load(infoHash: InfoHash, known?: StoredTransfer): Promise<StoredTransfer | undefined>;
  /** The state alone, undefined when there is no such transfer. */
  stateOf(infoHash: InfoHash): Promise<string | null>;
  torrent(infoHash: InfoHash): Promise<Uint8Array | undefined>;
  /** Undefined, and nothing is written, when the transfer was written since `before` was read. */
  write(change: TransferWrite): Promise<StoredTransfer | undefined>;
  /** Takes a first `write` back, unless the transfer was written since. */
  forget(written: StoredTransfer): Promise<void>;
  /** All of one transfer. False when there is no such transfer. */
  note(infoHash: InfoHash, notes: readonly ProgressNote[]): Promise<boolean>;
}

export function createTransferRecords(access: RegistryAccess): TransferRecords {
  const writeTransfer = access.script("write-transfer");
  const forgetTransfer = access.script("forget-transfer");
  const noteProgress = access.script("note-progress");
  const keysOf = (infoHash: InfoHash) => [transferKey(infoHash), torrentKey(infoHash)];

  /** A thousand hosts that start note it every half second; the lists of their addresses stay as they are. */
  async function loadProgress(infoHash: InfoHash): Promise<Readonly<Record<string, string>>> {
    const values = await access.ask(transferKey(infoHash), (client, key) => client.hmget(key, ...NOTED_FIELDS));
    return Object.fromEntries(NOTED_FIELDS.flatMap((field, at) => (values[at] == null ? [] : [[field, values[at]]])));
  }

  return {
    async load(infoHash, known) {
      const progress = known && (await loadProgress(infoHash));
      if (known !== undefined && progress?.["revision"] === known.revision) return withProgress(known, progress);
      return access.ask(transferKey(infoHash), async (client, key) => fromFields(infoHash, await client.hgetall(key)));
    },
    stateOf: (infoHash) => access.ask(transferKey(infoHash), (client, key) => client.hget(key, "state")),
    torrent: (infoHash) =>
      access.ask(torrentKey(infoHash), async (client, key) => (await client.getBuffer(key)) ?? undefined),
    async write({ before, after, place, torrent }) {
      const written = { transfer: after, revision: nextRevision(before?.revision), place, noted: before?.noted };
      const bytes = torrent === undefined ? "" : Buffer.from(torrent.buffer, torrent.byteOffset, torrent.byteLength);
      const args = [before?.revision ?? "", bytes, after.state, ...toFields(written)];
      const keys = [...keysOf(after.infoHash), reportsKey(after.infoHash)];
      return (await writeTransfer(keys, args)) === 1 ? written : undefined;
    },
    async forget({ transfer, revision }) {
      await forgetTransfer(keysOf(transfer.infoHash), [revision]);
    },
    async note(infoHash, notes) {
      const args = notes.flatMap(({ what, first, last }) => [...PROGRESS_FIELDS[what], isoTime(first), isoTime(last)]);
      return (await noteProgress([transferKey(infoHash)], [randomToken(), ...args])) === 1;
    },
  };
}

function nextRevision(revision: string | undefined): string {
  return `${(revision === undefined ? 0 : Number.parseInt(revision, 10)) + 1}-${randomToken()}`;
}

/** A count alone would come again where a failover loses a change. */
function randomToken(): string {
  return randomBytes(6).toString("hex");
}
