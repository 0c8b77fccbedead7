// The sets of all and of the active transfers, and the order of changes by which trackers follow each other.
import type { InfoHash } from "../../swarm/identifiers.ts";
import { foreignData, type RegistryAccess } from "./registry-access.ts";
import { hashOf, parseHash, REGISTRY_KEYS, type RegistryKey } from "./registry-keys.ts";
import type { TransferRecords } from "./transfer-records.ts";

export interface TransferChanges {
  readonly infoHashes: readonly InfoHash[];
  /** All changes up to here are among them, or were before. */
  readonly version: number;
}

export interface TransferIndex {
  /** Brings the sets in line with a transfer as it is now, or is not any more, and tells all trackers. Said twice, it does no harm. */
  publish(infoHash: InfoHash): Promise<void>;
  /** Only tells all trackers. */
  announce(infoHashes: readonly InfoHash[]): Promise<void>;
  version(): Promise<number>;
  /** Transfers that changed after `version`, oldest change first, at most `limit`. */
  changesSince(version: number, limit: number): Promise<TransferChanges>;
  /** Every transfer that was ever registered, a page at a time. */
  pages(): AsyncIterable<readonly InfoHash[]>;
}

const PAGE = 200;
const MOST_ATTEMPTS = 20;

export function createTransferIndex(access: RegistryAccess, records: Pick<TransferRecords, "stateOf">): TransferIndex {
  const publishChange = access.script("publish-change");
  const { transfers, activeTransfers, version: versionKey, changes } = REGISTRY_KEYS;

  async function announce(infoHashes: readonly InfoHash[]): Promise<void> {
    if (infoHashes.length > 0) await publishChange([versionKey, changes], infoHashes.map(hashOf));
  }

  /** Whoever writes last has read the state last: it is read again until it is the one that was written. */
  async function bringIntoLine(infoHash: InfoHash): Promise<void> {
    let state = await records.stateOf(infoHash);
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const written = state;
      await setMember(transfers, infoHash, written !== null);
      await setMember(activeTransfers, infoHash, written === "active");
      state = await records.stateOf(infoHash);
      if (state === written) return;
    }
  }

  async function setMember(set: RegistryKey, infoHash: InfoHash, isMember: boolean): Promise<void> {
    const hash = hashOf(infoHash);
    await access.ask(set, (client, key) => (isMember ? client.sadd(key, hash) : client.srem(key, hash)));
  }

  async function* pages(): AsyncIterable<readonly InfoHash[]> {
    let cursor = "0";
    do {
      const from = cursor;
      const [next, page] = await access.ask(transfers, (client, key) => client.sscan(key, from, "COUNT", PAGE));
      yield page.map((text) => infoHashIn(transfers, text));
      cursor = next;
    } while (cursor !== "0");
  }

  return {
    announce,
    pages,
    async publish(infoHash) {
      await bringIntoLine(infoHash);
      await announce([infoHash]);
    },
    version: () => readCounter(access, versionKey),
    async changesSince(since, limit) {
      const found = await access.ask(changes, (client, key) =>
        client.zrange(key, `(${since}`, "+inf", "BYSCORE", "LIMIT", 0, limit, "WITHSCORES"),
      );
      const infoHashes = found.filter((_, index) => index % 2 === 0).map((text) => infoHashIn(changes, text));
      return { infoHashes, version: Number(found.at(-1) ?? since) };
    },
  };
}

/** 0 for one that is not there. Throws `REGISTRY_FOREIGN`. */
export async function readCounter(access: RegistryAccess, key: RegistryKey): Promise<number> {
  const text = (await access.ask(key, (client, name) => client.get(name))) ?? "0";
  if (!/^\d{1,16}$/.test(text)) throw foreignData(key, `holds ${JSON.stringify(text)} where the registry counts`);
  return Number(text);
}

function infoHashIn(key: RegistryKey, text: string): InfoHash {
  const infoHash = parseHash(text);
  if (infoHash === undefined) throw foreignData(key, `has ${JSON.stringify(text)} among its members`);
  return infoHash;
}
