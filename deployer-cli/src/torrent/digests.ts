// The two kinds of digests that a torrent carries, each made in one pass over the payload's bytes.
import { createHash, type Hash } from "node:crypto";
import { type ReadableFile, readChunks } from "./payload-reading.ts";

export interface DigestJob {
  /** SHA-1 of every piece, which may span files, or SHA-256 of every file. */
  readonly of: "pieces" | "files";
  readonly files: readonly ReadableFile[];
  readonly pieceLengthBytes: number;
}

interface Digester {
  update(chunk: Uint8Array): void;
  endFile(): void;
  endPayload(): void;
}

/** As large as it may be for the bytes to be still in the processor's cache when they are hashed. */
const CHUNK_BYTES = 512 * 1024;

export const FILE_DIGEST_BYTES = 32;

/** One digest after another, in order. `onProgress` is told after every chunk how many bytes are done. */
export function digestPayload(job: DigestJob, onProgress: (hashedBytes: number) => void): Uint8Array {
  const digests: Uint8Array[] = [];
  const digester =
    job.of === "pieces" ? createPieceDigester(job.pieceLengthBytes, digests) : createFileDigester(digests);
  const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let hashedBytes = 0;
  for (const file of job.files) {
    for (const chunk of readChunks(file, buffer)) {
      digester.update(chunk);
      hashedBytes += chunk.length;
      onProgress(hashedBytes);
    }
    digester.endFile();
  }
  digester.endPayload();
  return Buffer.concat(digests);
}

function createPieceDigester(pieceLengthBytes: number, digests: Uint8Array[]): Digester {
  let piece = createHash("sha1");
  let missingBytes = pieceLengthBytes;

  function endPiece(): void {
    digests.push(piece.digest());
    piece = createHash("sha1");
    missingBytes = pieceLengthBytes;
  }

  return {
    update(chunk) {
      for (let at = 0; at < chunk.length;) {
        const part = chunk.subarray(at, at + missingBytes);
        piece.update(part);
        at += part.length;
        missingBytes -= part.length;
        if (missingBytes === 0) endPiece();
      }
    },
    endFile: () => undefined,
    endPayload: () => void (missingBytes < pieceLengthBytes && endPiece()),
  };
}

function createFileDigester(digests: Uint8Array[]): Digester {
  let file: Hash = createHash("sha256");
  return {
    update: (chunk) => void file.update(chunk),
    endFile() {
      digests.push(file.digest());
      file = createHash("sha256");
    },
    endPayload: () => undefined,
  };
}
