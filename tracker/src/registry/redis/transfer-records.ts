// Transfers and torrents one by one: each change is one script in the slot of its info-hash.
import { randomBytes } from "node:crypto";
import type { InfoHash } from "../../swarm/identifiers.ts";
import type { ProgressNote } from "../progress-notes.ts";
import type { Transfer } from "../transfer-registry.ts";
import type { RegistryAccess } from "./registry-access.ts";
import { torrentKey, transferKey } from "./registry-keys.ts";
import { fromFields, isoTime, PROGRESS_FIELDS, type StoredTransfer, toFields } from "./transfer-hash.ts";

export interface TransferWrite {
  /** What was read; undefined when nothing was there. */
  readonly before: StoredTransfer | undefined;
  readonly after: Transfer;
  readonly place: number;
  /** Left out: the one before stays. */
  readonly torrent?: Uint8Array | undefined;
}

export interface TransferRecords {
  load(infoHash: InfoHash): Promise<StoredTransfer | undefined>;
  /** The state alone, undefined when there is no such transfer. */
  stateOf(infoHash: InfoHash): Promise<string | null>;
  revisionOf(infoHash: InfoHash): Promise<string | null>;
  torrent(infoHash: InfoHash): Promise<Uint8Array | undefined>;
  /** Undefined, and nothing is written, when the transfer changed since `before` was read. */
  write(change: TransferWrite): Promise<StoredTransfer | undefined>;
  /** Takes a first `write` back, unless the transfer changed since. */
  forget(written: StoredTransfer): Promise<void>;
  /** All of one transfer. False when there is no such transfer. */
  note(infoHash: InfoHash, notes: readonly ProgressNote[]): Promise<boolean>;
}

export function createTransferRecords(access: RegistryAccess): TransferRecords {
  const writeTransfer = access.script("write-transfer");
  const forgetTransfer = access.script("forget-transfer");
  const noteProgress = access.script("note-progress");
  const keysOf = (infoHash: InfoHash) => [transferKey(infoHash), torrentKey(infoHash)];

  return {
    load: (infoHash) =>
      access.ask(transferKey(infoHash), async (client, key) => fromFields(infoHash, await client.hgetall(key))),
    stateOf: (infoHash) => access.ask(transferKey(infoHash), (client, key) => client.hget(key, "state")),
    revisionOf: (infoHash) => access.ask(transferKey(infoHash), (client, key) => client.hget(key, "revision")),
    torrent: (infoHash) =>
      access.ask(torrentKey(infoHash), async (client, key) => (await client.getBuffer(key)) ?? undefined),
    async write({ before, after, place, torrent }) {
      const written = { transfer: after, revision: nextRevision(before?.revision), place };
      const bytes = torrent === undefined ? "" : Buffer.from(torrent.buffer, torrent.byteOffset, torrent.byteLength);
      const args = [before?.revision ?? "", bytes, ...toFields(written)];
      return (await writeTransfer(keysOf(after.infoHash), args)) === 1 ? written : undefined;
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
