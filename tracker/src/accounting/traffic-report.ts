// What an accepted announce says of its client's counters: what the announce path hands to accounting, and all that it does for it.
import type { AnnounceEvent } from "../swarm/announce.ts";
import type { InfoHash, PeerId } from "../swarm/identifiers.ts";

export interface TrafficReport {
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  /** See `Delta`. */
  readonly user: string;
  readonly address: string;
  readonly rack: string;
  readonly event: AnnounceEvent;
  /** Bytes since the client started (BEP 3). Whole numbers from 0 to 2^53 - 1, all three. */
  readonly uploaded: number;
  readonly downloaded: number;
  readonly left: number;
  /** Milliseconds since the epoch. */
  readonly reportedAt: number;
  /** The announce was turned away, its transfer being no longer served: only what is known already is counted on. */
  readonly isUnserved: boolean;
}
