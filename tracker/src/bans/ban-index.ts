// Bans in memory, found the way an announce asks for them; kinds that nobody is banned by cost nothing.
import type { InfoHash } from "../swarm/identifiers.ts";
import type { Ban, BanSubject } from "./ban.ts";
import type { BanLookup } from "./ban-list.ts";
import { bitPrefixOf } from "./ban-subject.ts";
import { createPrefixTable, type PrefixTable } from "./prefix-table.ts";

export interface BanIndex<B extends Ban = Ban> extends BanLookup {
  find(subject: BanSubject): B | undefined;
  /** In place of the ban of the same subject. */
  add(ban: B): void;
  remove(subject: BanSubject): void;
  all(): Iterable<B>;
}

const V4_ENDPOINT_BYTES = 6;

/** The subjects are in canonical form. */
export function createBanIndex<B extends Ban>(bans: Iterable<B> = []): BanIndex<B> {
  const infoHashes = new Map<string, B>();
  const v4 = createPrefixTable<B>();
  const v6 = createPrefixTable<B>();
  const clients = createPrefixTable<B>();
  const others = new Map<string, B>();

  function tableOf({ kind, value }: BanSubject): PrefixTable<B> {
    if (kind === "client") return clients;
    return value.includes(":") ? v6 : v4;
  }

  function add(ban: B): void {
    if (ban.kind === "info-hash") return void infoHashes.set(ban.value, ban);
    const { bytes, bits } = bitPrefixOf(ban);
    tableOf(ban).set(bytes, bits, ban);
    others.set(keyOf(ban), ban);
  }

  function ofHost(endpoint: string): B | undefined {
    const table = endpoint.length === V4_ENDPOINT_BYTES ? v4 : v6;
    return table.size === 0 ? undefined : table.find(endpoint);
  }

  for (const ban of bans) add(ban);
  return {
    lookup: (infoHash: InfoHash) => infoHashes.get(infoHash),
    turnsAway({ infoHash, endpoint, otherEndpoint, peerId }) {
      const banned = infoHashes.size === 0 ? undefined : infoHashes.get(infoHash);
      if (banned !== undefined || others.size === 0) return banned;
      const host = ofHost(endpoint) ?? (otherEndpoint === undefined ? undefined : ofHost(otherEndpoint));
      return host ?? (clients.size === 0 ? undefined : clients.find(peerId));
    },
    find: (subject) => (subject.kind === "info-hash" ? infoHashes.get(subject.value) : others.get(keyOf(subject))),
    add,
    remove(subject) {
      if (subject.kind === "info-hash") return void infoHashes.delete(subject.value);
      if (!others.delete(keyOf(subject))) return;
      const { bytes, bits } = bitPrefixOf(subject);
      tableOf(subject).delete(bytes, bits);
    },
    *all() {
      yield* infoHashes.values();
      yield* others.values();
    },
  };
}

function keyOf({ kind, value }: BanSubject): string {
  return `${kind} ${value}`;
}
