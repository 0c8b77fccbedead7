// Builds a .torrent: private, with the SHA-256 of every file, and the same bytes for the same input.
import bencode, { type Encodable } from "bencode";
import { CommandError } from "../errors.ts";
import { scanPayload, type Payload } from "./payload.ts";
import { hashPayload } from "./payload-hashing.ts";
import { refuseChangedPayload } from "./payload-reading.ts";
import { isPieceLength, pieceLengthFor } from "./piece-length.ts";
import { readTorrent, type Torrent } from "./torrent-reading.ts";

export interface TorrentOptions {
  /** A file or a folder. */
  readonly path: string;
  /** What a scan of the path found. Default: it is scanned. */
  readonly payload?: Payload | undefined;
  /** Where the hosts' clients announce, such as `http://tracker:6969/announce`. */
  readonly announceUrl: string;
  /** Default: base name of the path. */
  readonly name?: string | undefined;
  /** Default: by the payload's size, see piece-length.ts. */
  readonly pieceLengthBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  onProgress?(hashedBytes: number, totalBytes: number): void;
}

export interface BuiltTorrent {
  /** The .torrent file. */
  readonly bytes: Uint8Array;
  readonly torrent: Torrent;
  readonly payload: Payload;
}

/**
 * Nothing of time, place, user or version goes into the file: no creation date, no creator, no modification times.
 * Throws `CommandError`, or the signal's reason when cancelled.
 */
export async function buildTorrent(options: TorrentOptions): Promise<BuiltTorrent> {
  const { path, signal } = options;
  const payload = options.payload ?? (await scanPayload(path, signal));
  const name = checkedName(options.name ?? payload.name);
  const pieceLengthBytes = checkedPieceLength(options.pieceLengthBytes ?? pieceLengthFor(payload.lengthBytes));
  const onProgress = (hashedBytes: number) => options.onProgress?.(hashedBytes, payload.lengthBytes);
  const digests = await hashPayload({ payload, pieceLengthBytes, signal, onProgress });
  await refuseChangedPayload(path, payload, signal);
  const content = contentOf(payload, digests.files);
  const info = { name, "piece length": pieceLengthBytes, pieces: digests.pieces, private: 1, ...content };
  const bytes = bencode.encode({ announce: options.announceUrl, info });
  return { bytes, torrent: readTorrent(bytes, path), payload };
}

function contentOf(payload: Payload, sums: readonly Uint8Array[]): Record<string, Encodable> {
  const files = payload.files.map(({ lengthBytes, segments }, at) => {
    const sha256 = sums[at];
    if (!sha256) throw new Error(`no SHA-256 of ${segments.join("/")}`);
    return { length: lengthBytes, path: segments, sha256 };
  });
  const [only] = files;
  return payload.isSingleFile && only ? { length: only.length, sha256: only.sha256 } : { files };
}

function checkedName(name: string): string {
  const isSegment = name !== "" && name !== "." && name !== ".." && !/[/\0]/.test(name);
  if (isSegment) return name;
  throw new CommandError("USAGE", `${JSON.stringify(name)} cannot name a torrent; give --name without slashes.`);
}

function checkedPieceLength(bytes: number): number {
  if (isPieceLength(bytes)) return bytes;
  throw new CommandError("USAGE", `A piece length is a power of two from 16KiB to 64MiB, not ${bytes} bytes.`);
}
