// Which torrents the tracker serves, and in which state: the interface the SQLite and the Redis registry implement.
import type { InfoHash } from "../swarm/identifiers.ts";

export type TransferState = "registered" | "active" | "inactive";

/** A registered torrent. Times are milliseconds since the epoch, undefined until they happened. */
export interface Transfer {
  readonly infoHash: InfoHash;
  readonly name: string;
  readonly lengthBytes: number;
  readonly pieceLengthBytes: number;
  readonly fileCount: number;
  readonly state: TransferState;
  /** Addresses declared as sources, in canonical text form. */
  readonly origins: readonly string[];
  /** Addresses that should end up with the payload; empty when not declared. */
  readonly targets: readonly string[];
  readonly registeredAt: number;
  /** When it became active last; undefined while it is registered only. */
  readonly activatedAt: number | undefined;
  /** Undefined while it is not inactive. */
  readonly deactivatedAt: number | undefined;
  readonly firstStartedAt: number | undefined;
  readonly lastStartedAt: number | undefined;
  readonly firstCompletedAt: number | undefined;
  readonly lastCompletedAt: number | undefined;
}

/** A torrent to register: what its info dictionary says, and the file itself. */
export interface TransferContent {
  readonly infoHash: InfoHash;
  readonly name: string;
  readonly lengthBytes: number;
  readonly pieceLengthBytes: number;
  readonly fileCount: number;
  /** The .torrent, byte for byte. */
  readonly torrent: Uint8Array;
}

/** Lists that are given replace the transfer's; undefined leaves it as it is. */
export interface Activation {
  readonly origins?: readonly string[] | undefined;
  readonly targets?: readonly string[] | undefined;
  /** Counts as a new activation, now, of a transfer that is active already, too. */
  readonly renew?: boolean | undefined;
}

/**
 * Keeps transfers and their .torrent files. Names are unique among transfers that are not inactive.
 * Every change is done wholly or not at all, and once its promise resolves it outlives the process.
 * Throws `NAME_TAKEN` and `TRANSFER_UNKNOWN`; where trackers share it also `REGISTRY_AWAY`, after which a call may have
 * been done all the same, and done again does no harm, and `REGISTRY_FOREIGN` (registry/errors.ts).
 */
export interface TransferRegistry {
  /** For the announce path: answered from memory, without a promise; the same object until the transfer changes. */
  lookup(infoHash: InfoHash): Transfer | undefined;
  /**
   * Idempotent: a known transfer is returned as it is, with `created: false`, and its first .torrent stays. An inactive one
   * becomes registered again with the .torrent given now.
   */
  register(content: TransferContent, now: number): Promise<{ transfer: Transfer; created: boolean }>;
  /** In order of registration. */
  list(): Promise<readonly Transfer[]>;
  /** The .torrent as it was registered, byte for byte. */
  torrent(infoHash: InfoHash): Promise<Uint8Array | undefined>;
  /** Idempotent; takes an inactive transfer back into service, too. */
  activate(infoHash: InfoHash, activation: Activation, now: number): Promise<Transfer>;
  /** Idempotent. */
  deactivate(infoHash: InfoHash, now: number): Promise<Transfer>;
  /** Notes that a peer started or completed; never blocks the announce that reports it, and shows within a second. */
  noteProgress(infoHash: InfoHash, what: "started" | "completed", now: number): void;
  close(): Promise<void>;
}
