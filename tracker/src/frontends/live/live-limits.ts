// What one connection of the live channel may use, and what it is closed with when it is not one of ours (ops/docs/live.md).

export interface LiveLimits {
  /** Info-hashes that one connection may announce, and as many that it may subscribe to. */
  readonly hashesPerConnection: number;
  readonly connectionsPerHost: number;
  /** Connections of all addresses. */
  readonly connections: number;
}

/** A thousand info-hashes are 67 kB. */
export const MAX_FRAME_BYTES = 96 * 1024;
export const PROOF_WITHIN_MS = 10_000;
export const PING_EVERY_MS = 30_000;
/** Replays go on while less than this waits to be read. */
export const REPLAY_BELOW_BYTES = 256 * 1024;
/** Who lets more than this wait is too slow. */
export const MAX_WAITING_BYTES = 8 * 2 ** 20;
/** Requests whose acknowledgement is still to come; further ones are not read meanwhile. */
export const MAX_OPEN_REQUESTS = 64;
export const MAX_FAULTS = 50;

/** RFC 6455, 7.4: up to 2999 those of the protocol itself, from 4000 ours. */
export const CLOSE = {
  stopping: 1001,
  tooManyFaults: 1008,
  badProof: 4400,
  noProof: 4408,
  replaced: 4409,
} as const;
