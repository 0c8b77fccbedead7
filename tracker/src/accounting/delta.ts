// What one announce adds to what its user moved: the unit that accounting counts in, keeps and hands on.
import type { AnnounceEvent } from "../swarm/announce.ts";
import type { InfoHash, PeerId } from "../swarm/identifiers.ts";

/**
 * `restarted`: a counter went back, as that of a client does that started anew. `implausible`: it went up further than `LINK_MBITS` could
 * have carried. Either way the counters are a new baseline, and nothing is added.
 */
export type DeltaFlag = "none" | "restarted" | "implausible";

/** Plain JSON. Bytes are whole numbers from 0 to 2^53 - 1. */
export interface Delta {
  /** Its `source`, a hyphen and its number there; never given to another delta. */
  readonly id: string;
  /** Where deltas are numbered, 1 upwards without a gap: a ledger from its first to its last day. 16 hexadecimal digits. */
  readonly source: string;
  readonly sequence: number;
  /** Whom it is counted for: the name that an announce key was issued to, else the host's address in canonical text form. */
  readonly user: string;
  readonly infoHash: InfoHash;
  /** 40 hexadecimal digits. */
  readonly peerId: string;
  /** That the announce came from, in canonical text form. */
  readonly address: string;
  /** Topology path, joined by `/`. */
  readonly rack: string;
  /** `expired`: no announce, but the end of what was known of a client that fell silent. */
  readonly event: AnnounceEvent | "expired";
  /** Bytes. */
  readonly deltaUploaded: number;
  readonly deltaDownloaded: number;
  /** Seconds for which the client was complete, to the millisecond. */
  readonly secondsSeeded: number;
  /** Bytes still to download. */
  readonly left: number;
  readonly flag: DeltaFlag;
  /** When it was announced: ISO 8601, UTC, milliseconds. */
  readonly reportedAt: string;
}

export type UnnumberedDelta = Omit<Delta, "id" | "source" | "sequence">;

/** As the next one of a ledger. */
export function numbered(delta: UnnumberedDelta, source: string, sequence: number): Delta {
  return { id: `${source}-${sequence}`, source, sequence, ...delta };
}

/** As deltas have it. */
export function peerIdText(peerId: PeerId): string {
  return Buffer.from(peerId, "latin1").toString("hex");
}
