// Announce keys in memory, found the way an announce asks for them: by their digest.
import { digestOf } from "./announce-key-changes.ts";
import type { AnnounceKey, AnnounceKeyLookup } from "./announce-keys.ts";

export interface AnnounceKeyIndex extends AnnounceKeyLookup {
  find(user: string): AnnounceKey | undefined;
  /** In place of the user's before. */
  set(record: AnnounceKey): void;
  remove(user: string): void;
  /** In order of users. */
  all(): readonly AnnounceKey[];
}

interface Holder {
  readonly user: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

const KEY = /^[0-9a-f]{32}$/;

export function createAnnounceKeyIndex(records: Iterable<AnnounceKey> = []): AnnounceKeyIndex {
  const users = new Map<string, AnnounceKey>();
  const byDigest = new Map<string, Holder>();
  /** Keys that were brought and are right: making a digest takes ten times as long as looking here. */
  const byKey = new Map<string, Holder>();

  function set(record: AnnounceKey): void {
    remove(record.user);
    const { user, digest, former } = record;
    users.set(user, record);
    byDigest.set(digest, { user, until: Number.POSITIVE_INFINITY });
    for (const { digest: other, until } of former) byDigest.set(other, { user, until });
  }

  function remove(user: string): void {
    const before = users.get(user);
    if (before === undefined) return;
    users.delete(user);
    for (const { digest } of [before, ...before.former]) byDigest.delete(digest);
    byKey.clear();
  }

  function holderOf(key: string): Holder | undefined {
    const known = byKey.get(key);
    if (known !== undefined || !KEY.test(key)) return known;
    const holder = byDigest.get(digestOf(key));
    if (holder !== undefined) byKey.set(apart(key), holder);
    return holder;
  }

  for (const record of records) set(record);
  return {
    userOf(key, now) {
      const holder = holderOf(key);
      return holder !== undefined && holder.until > now ? holder.user : undefined;
    },
    find: (user) => users.get(user),
    set,
    remove,
    all: () => [...users.values()].sort((one, other) => (one.user < other.user ? -1 : 1)),
  };
}

/** A copy: a part of a URL keeps the whole URL in memory. */
function apart(key: string): string {
  return Buffer.from(key, "latin1").toString("latin1");
}
