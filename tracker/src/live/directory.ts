// Who has announced what, and who wants to know: the live channel's directory, of one tracker or of several that share a Redis.
import type { LiveHash, LivePeer } from "../wire/live-message.ts";
import type { Follower, Following } from "./room.ts";

/** A connection's hold on its peer id. */
export interface Claim {
  release(): void;
}

export interface LiveCounts {
  /** Info-hashes that somebody here has announced or follows. */
  readonly rooms: number;
}

export interface LiveDirectory {
  /** There is one claim to an id, of all trackers: a later one ends it, which `onLost` is told. */
  claim(peer: LivePeer, onLost: () => void): Claim;
  /**
   * For a peer that is claimed here. Settles when everybody who follows one of the hashes from then on is told of it;
   * that takes as long as it takes, and never rejects. Doing it twice changes nothing.
   */
  announce(peer: LivePeer, infoHashes: readonly LiveHash[]): Promise<void> | undefined;
  unannounce(peer: LivePeer, infoHashes: readonly LiveHash[]): Promise<void> | undefined;
  /** Tells nothing by itself before the first `replay`. */
  follow(infoHash: LiveHash, follower: Follower): Following;
  counts(): LiveCounts;
  close(): Promise<void>;
}
