// Hashes a payload: one thread makes the pieces' SHA-1, another the files' SHA-256, each reading the payload itself.
import { type DigestJob, digestPayload, FILE_DIGEST_BYTES } from "./digests.ts";
import { runHashingThread } from "./hashing-thread.ts";
import type { Payload } from "./payload.ts";

export interface PayloadHashing {
  readonly payload: Payload;
  readonly pieceLengthBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** Default: as much as is hashed sooner than threads are started. */
  readonly inlineBytes?: number | undefined;
  /** Never goes back. */
  onProgress?(hashedBytes: number): void;
}

export interface PayloadDigests {
  /** The `pieces` string of BEP 3: 20 bytes for each piece. */
  readonly pieces: Uint8Array;
  /** SHA-256 of each file, in the payload's order. */
  readonly files: readonly Uint8Array[];
}

type Jobs = readonly [pieces: DigestJob, files: DigestJob];
type Run = Pick<PayloadHashing, "signal"> & { onProgress(job: DigestJob, hashedBytes: number): void };

const INLINE_BYTES = 32 * 1024 * 1024;
/** Opening and closing a file takes about as long as hashing this many bytes. */
const FILE_COST_BYTES = 32 * 1024;

/** Throws `PAYLOAD_CHANGED`, `PATH_MISSING`, `PATH_UNREADABLE`, `HASHING_FAILED`, or the signal's reason when cancelled. */
export async function hashPayload(hashing: PayloadHashing): Promise<PayloadDigests> {
  const { payload, signal, inlineBytes = INLINE_BYTES } = hashing;
  const jobs = jobsOf(hashing);
  const run = { signal, onProgress: progressOfBoth(hashing) };
  const costBytes = payload.lengthBytes + payload.files.length * FILE_COST_BYTES;
  const [pieces, sums] = costBytes <= inlineBytes ? hashInline(jobs, run) : await hashInThreads(jobs, run);
  const files = payload.files.map((_, at) => sums.subarray(at * FILE_DIGEST_BYTES, (at + 1) * FILE_DIGEST_BYTES));
  return { pieces, files };
}

function jobsOf({ payload, pieceLengthBytes }: PayloadHashing): Jobs {
  const files = payload.files.map(({ absolutePath, lengthBytes, version }) => ({ absolutePath, lengthBytes, version }));
  return [
    { of: "pieces", files, pieceLengthBytes },
    { of: "files", files, pieceLengthBytes },
  ];
}

/** Every byte is hashed twice; what is told is the mean. */
function progressOfBoth({ onProgress }: PayloadHashing): Run["onProgress"] {
  const hashedBytes = { pieces: 0, files: 0 };
  return (job, bytes) => {
    hashedBytes[job.of] = bytes;
    onProgress?.(Math.floor((hashedBytes.pieces + hashedBytes.files) / 2));
  };
}

function hashInline(jobs: Jobs, { signal, onProgress }: Run): [Uint8Array, Uint8Array] {
  const digest = (job: DigestJob) =>
    digestPayload(job, (hashedBytes) => {
      onProgress(job, hashedBytes);
      signal?.throwIfAborted();
    });
  return [digest(jobs[0]), digest(jobs[1])];
}

/** When one thread fails the other is stopped; none is left alive. */
async function hashInThreads(jobs: Jobs, { signal, onProgress }: Run): Promise<[Uint8Array, Uint8Array]> {
  const failing = new AbortController();
  const stop = AbortSignal.any(signal ? [signal, failing.signal] : [failing.signal]);
  const start = (job: DigestJob) =>
    runHashingThread({ job, signal: stop, onProgress: (hashedBytes) => onProgress(job, hashedBytes) });
  const threads = [start(jobs[0]), start(jobs[1])] as const;
  try {
    return await Promise.all(threads);
  } catch (error) {
    failing.abort(error);
    await Promise.allSettled(threads);
    throw error;
  }
}
