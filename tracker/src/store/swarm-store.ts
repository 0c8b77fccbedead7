// Where swarms live: the one interface that the memory and the Redis store implement.
import type { Announce, AnnounceOutcome, SwarmCounts, TransferTerms } from "../swarm/announce.ts";
import type { HostAddress, InfoHash } from "../swarm/identifiers.ts";
import type { ExplainedPeer, PeerView } from "../swarm/views.ts";

export type MaybePromise<T> = T | Promise<T>;

/**
 * Keeps the peers of every swarm and answers announces by the swarm policy it was created with.
 *
 * All times are milliseconds since the epoch, passed in by the caller. A store that has its answer at hand
 * returns it without a promise. Only `announce` says by its outcome that the store cannot answer now; the others reject with `StoreError`.
 */
export interface SwarmStore {
  /**
   * The one verb for peers, atomic per info-hash: adds, updates or removes the announcing peer, and draws its handout.
   * However many announces race, no group ever has more live representatives than its cap.
   */
  announce(request: AnnounceRequest): MaybePromise<StoreOutcome>;
  /** Counts of one swarm; zeroes for a swarm that nobody announced to. */
  scrape(infoHash: InfoHash): MaybePromise<SwarmCounts>;
  /** Every live peer, in order of arrival; empty for an unknown swarm. */
  inspect(infoHash: InfoHash, now: number): MaybePromise<PeerView[]>;
  /** Why the peers on this host get what they get: one entry a peer; changes nothing. */
  explain(infoHash: InfoHash, host: HostAddress, now: number): MaybePromise<ExplainedPeer[]>;
  /** Removes peers that outlived their lifetime, bounded work a call. Resolves to how many went. */
  sweep(now: number): MaybePromise<number>;
  /** Drops a whole swarm (deactivation). */
  drop(infoHash: InfoHash): MaybePromise<void>;
  close(): Promise<void>;
}

/** `unavailable`: the store cannot answer now, and the client should come again soon; `reason` may be shown to it. */
export type StoreOutcome = AnnounceOutcome | { readonly kind: "unavailable"; readonly reason: string };

export interface AnnounceRequest {
  readonly infoHash: InfoHash;
  readonly announce: Announce;
  readonly terms: TransferTerms;
  readonly now: number;
}

/** The store cannot answer now; the message names the cause and the remedy, and may be shown to anybody. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code = "STORE_AWAY";
}
