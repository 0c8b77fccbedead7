// Keys that announces bring, each issued to a user: the interface that the SQLite and the Redis registry implement.

/** What is kept of a user's key: never the key itself. */
export interface AnnounceKey {
  readonly user: string;
  /** SHA-256 of the key, 64 lowercase hex digits. */
  readonly digest: string;
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
  /** Undefined until it happened. */
  readonly rotatedAt: number | undefined;
  /** The keys before, newest first, each of which goes on until its time. */
  readonly former: readonly FormerKey[];
}

export interface FormerKey {
  readonly digest: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

export interface IssuedKey {
  /** 32 lowercase hex digits: 16 random bytes. Nobody can tell it a second time. */
  readonly key: string;
  readonly record: AnnounceKey;
}

/** What the announce path asks. */
export interface AnnounceKeyLookup {
  /**
   * Whom the key was issued to; undefined for one that is unknown, revoked or past its time. Answered from memory, without a promise, and at a
   * cost that tells nothing of how much of a key is right.
   */
  userOf(key: string, now: number): string | undefined;
}

/** Most seconds that the key before goes on after a rotation. */
export const LONGEST_GRACE_SECONDS = 30 * 86_400;

/**
 * A user has one key, and for a while those before it. Once a change's promise resolves it outlives the process, and the lookup answers by it.
 * A call that failed may have been done all the same, with a key that nobody was told; `rotate` gives another.
 * Throws `USER_MALFORMED`, `ANNOUNCE_KEY_ISSUED`, `ANNOUNCE_KEY_UNKNOWN`, and what the registry throws (registry/errors.ts).
 */
export interface AnnounceKeys extends AnnounceKeyLookup {
  /** To a user who has none. A name is 1 to 16 of letters, digits and `._-`, and no address: hosts without a key are counted by theirs. */
  issue(user: string, now: number): Promise<IssuedKey>;
  /** A new key. All before it end after the grace, those that would end earlier as they would. */
  rotate(user: string, graceSeconds: number, now: number): Promise<IssuedKey>;
  /** Idempotent. Ends all keys of the user at once; gives what was, undefined when there was none. */
  revoke(user: string): Promise<AnnounceKey | undefined>;
  /** In order of users. */
  list(): Promise<readonly AnnounceKey[]>;
}
