// All transfers in this tracker's memory, kept up to date with the changes of all trackers.
import { isDeepStrictEqual } from "node:util";
import type { InfoHash } from "../../swarm/identifiers.ts";
import { RegistryError } from "../errors.ts";
import { shareRuns } from "../shared-runs.ts";
import type { Transfer } from "../transfer-registry.ts";
import type { StoredTransfer } from "./transfer-hash.ts";
import type { TransferIndex } from "./transfer-index.ts";
import type { TransferRecords } from "./transfer-records.ts";

export interface TransferMirror {
  /** The same object until the transfer changes. */
  readonly lookup: (infoHash: InfoHash) => Transfer | undefined;
  /** The object that `lookup` gives as long as the transfer is as it was written. */
  current(written: StoredTransfer): Transfer;
  /** In order of registration. */
  list(): Transfer[];
  /** Resolves when every change that was told before the call is in. */
  refresh(): Promise<void>;
  /** Compares a few transfers with Redis, others each time: a failover may lose a change of which nobody tells. */
  patrol(): Promise<void>;
}

export interface MirrorParts {
  readonly index: Pick<TransferIndex, "version" | "changesSince" | "pages">;
  readonly records: Pick<TransferRecords, "load">;
  /** Hears of a transfer that cannot be read; the others are followed all the same. */
  readonly onForeign: (error: RegistryError) => void;
}

const CHANGES_AT_A_TIME = 200;
const PATROLLED_AT_A_TIME = 10;

/** Throws `REGISTRY_FOREIGN` for the first transfer that cannot be read. */
export async function openTransferMirror({ index, records, onForeign }: MirrorParts): Promise<TransferMirror> {
  const mirror = new Map<InfoHash, StoredTransfer>();
  let version = 0;
  /** Until all was read, and after a failure: Redis may have lost changes and counted others since. */
  let isUncertain = true;
  let isOpen = false;
  let patrolled = mirror.keys();

  const refresh = shareRuns(async () => {
    const wasUncertain = isUncertain;
    isUncertain = true;
    const latest = await index.version();
    if (wasUncertain || latest < version) await readAll(latest);
    else await readChanges(latest);
    isUncertain = false;
  });

  async function readAll(latest: number): Promise<void> {
    const listed = new Set<InfoHash>();
    for await (const page of index.pages()) {
      for (const infoHash of page) listed.add(infoHash);
      await Promise.all(page.map(load));
    }
    await Promise.all([...mirror.keys()].filter((infoHash) => !listed.has(infoHash)).map(load));
    version = latest;
  }

  async function readChanges(latest: number): Promise<void> {
    while (version < latest) {
      const changes = await index.changesSince(version, CHANGES_AT_A_TIME);
      await Promise.all(changes.infoHashes.map(load));
      version = changes.infoHashes.length === 0 ? latest : changes.version;
    }
  }

  async function load(infoHash: InfoHash): Promise<void> {
    const known = mirror.get(infoHash);
    const stored = await records.load(infoHash, known).catch(tolerate);
    if (stored === undefined) mirror.delete(infoHash);
    else if (stored !== null) mirror.set(infoHash, withKnownObject(stored, known));
  }

  /** What is known of a transfer that cannot be read any more stays. */
  function tolerate(error: unknown): null {
    if (!isOpen || !(error instanceof RegistryError) || error.code !== "REGISTRY_FOREIGN") throw error;
    onForeign(error);
    return null;
  }

  function nextOnPatrol(): InfoHash[] {
    const next: InfoHash[] = [];
    for (const infoHash of patrolled) {
      next.push(infoHash);
      if (next.length === PATROLLED_AT_A_TIME) return next;
    }
    patrolled = mirror.keys();
    return next;
  }

  await refresh();
  isOpen = true;
  return {
    lookup: (infoHash) => mirror.get(infoHash)?.transfer,
    current(written) {
      const known = mirror.get(written.transfer.infoHash);
      return known?.revision === written.revision ? known.transfer : written.transfer;
    },
    list: () => [...mirror.values()].toSorted((one, other) => one.place - other.place).map(({ transfer }) => transfer),
    refresh,
    async patrol() {
      await Promise.all(nextOnPatrol().map(load));
    },
  };
}

/** A transfer that was written without a change stays the same object. */
function withKnownObject(stored: StoredTransfer, known: StoredTransfer | undefined): StoredTransfer {
  const isSame = known !== undefined && isDeepStrictEqual(stored.transfer, known.transfer);
  return isSame ? { ...stored, transfer: known.transfer } : stored;
}
