// Who is banned: the interface that the SQLite and the Redis registry implement, and the ban file on top of either.
import type { CompactEndpoint, InfoHash, PeerId } from "../swarm/identifiers.ts";
import type { Ban, BanSubject } from "./ban.ts";

/** As much of an announce as bans are of. */
export interface BannableAnnounce {
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  readonly endpoint: CompactEndpoint;
  /** The same client in the other address family. */
  readonly otherEndpoint: CompactEndpoint | undefined;
}

/** What the announce path asks: answered from memory, without a promise. */
export interface BanLookup {
  /** The ban of an info-hash, for what concerns no client. */
  lookup(infoHash: InfoHash): Ban | undefined;
  /** Why this announce is turned away: the ban of its info-hash, else of its host (the longest prefix), else of its client. */
  turnsAway(announce: BannableAnnounce): Ban | undefined;
}

/**
 * Bans of registered transfers and of unknown ones alike, of hosts and of clients. Once a change's promise resolves it
 * outlives the process, and the lookups answer by it.
 */
export interface BanList extends BanLookup {
  /** The ban of exactly this. */
  find(subject: BanSubject): Ban | undefined;
  /** Idempotent; another reason replaces the one before. */
  ban(subject: BanSubject, reason: string, now: number): Promise<Ban>;
  /** Idempotent. Gives the ban that was lifted, undefined when there was none. */
  unban(subject: BanSubject): Promise<Ban | undefined>;
  /** In order of time. */
  list(): Promise<readonly Ban[]>;
}

/** For `list`; bans of one instant in order of what they are of. */
export function inOrderOfTime(bans: Iterable<Ban>): readonly Ban[] {
  return [...bans].sort((one, other) => one.bannedAt - other.bannedAt || (textOf(one) < textOf(other) ? -1 : 1));
}

function textOf({ kind, value }: Ban): string {
  return `${kind} ${value}`;
}
