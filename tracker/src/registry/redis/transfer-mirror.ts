// All transfers in this tracker's memory, kept up to date with the changes of all trackers.
import type { InfoHash } from "../../swarm/identifiers.ts";
import type { Transfer } from "../transfer-registry.ts";
import type { StoredTransfer } from "./transfer-hash.ts";
import type { TransferIndex } from "./transfer-index.ts";
import type { TransferRecords } from "./transfer-records.ts";

export interface TransferMirror {
  /** The same object until the transfer changes. */
  readonly lookup: (infoHash: InfoHash) => Transfer | undefined;
  /** In order of registration. */
  list(): Transfer[];
  /** Resolves when every change that was told before the call is in. */
  refresh(): Promise<void>;
}

const CHANGES_AT_A_TIME = 200;

export async function openTransferMirror(
  index: Pick<TransferIndex, "version" | "changesSince" | "pages">,
  records: Pick<TransferRecords, "load">,
): Promise<TransferMirror> {
  const mirror = new Map<InfoHash, StoredTransfer>();
  let version = await index.version();
  for await (const page of index.pages()) await loadAll(page);

  async function loadAll(infoHashes: readonly InfoHash[]): Promise<void> {
    await Promise.all(infoHashes.map(load));
  }

  async function load(infoHash: InfoHash): Promise<void> {
    const stored = await records.load(infoHash);
    if (stored === undefined) mirror.delete(infoHash);
    else if (stored.revision !== mirror.get(infoHash)?.revision) mirror.set(infoHash, stored);
  }

  let last: Promise<unknown> = Promise.resolve();

  /** One after the other, so that what was read earlier never replaces what was read later. */
  async function refresh(): Promise<void> {
    const refreshed = last.then(readChanges);
    last = refreshed.catch(() => undefined);
    return refreshed;
  }

  async function readChanges(): Promise<void> {
    const latest = await index.version();
    // A Redis that lost its latest changes, as after a failover, counts from before.
    if (latest < version) version = 0;
    while (version < latest) {
      const changes = await index.changesSince(version, CHANGES_AT_A_TIME);
      await loadAll(changes.infoHashes);
      if (changes.version === version) return;
      version = changes.version;
    }
  }

  return {
    lookup: (infoHash) => mirror.get(infoHash)?.transfer,
    list: () => [...mirror.values()].toSorted((one, other) => one.place - other.place).map(({ transfer }) => transfer),
    refresh,
  };
}
