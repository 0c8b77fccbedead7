// Which info-hashes are banned: the interface that the SQLite and the Redis registry implement.
import type { InfoHash } from "../swarm/identifiers.ts";

export interface Ban {
  readonly infoHash: InfoHash;
  /** Told to the clients that announce it. */
  readonly reason: string;
  /** Milliseconds since the epoch; stays when the reason is replaced. */
  readonly bannedAt: number;
}

/**
 * Bans by info-hash, of registered transfers and of unknown ones alike. Once a change's promise resolves it outlives the
 * process, and `lookup` answers by it.
 */
export interface BanList {
  /** For the announce path: answered from memory, without a promise. */
  lookup(infoHash: InfoHash): Ban | undefined;
  /** Idempotent; another reason replaces the one before. */
  ban(infoHash: InfoHash, reason: string, now: number): Promise<Ban>;
  /** Idempotent. Gives the ban that was lifted, undefined when there was none. */
  unban(infoHash: InfoHash): Promise<Ban | undefined>;
  /** In order of time. */
  list(): Promise<readonly Ban[]>;
}

/** For `list`; bans of one instant in order of info-hash. */
export function inOrderOfTime(bans: Iterable<Ban>): readonly Ban[] {
  return [...bans].sort((one, other) => one.bannedAt - other.bannedAt || (one.infoHash < other.infoHash ? -1 : 1));
}
