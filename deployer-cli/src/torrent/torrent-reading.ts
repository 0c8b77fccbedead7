// Reads a .torrent as far as the command needs it: to refuse early what the tracker would refuse, and to say what is in it.
import { createHash } from "node:crypto";
import bencode, { type Decoded } from "bencode";
import { CommandError } from "../errors.ts";
import { escaped } from "../output/escaping.ts";

export interface TorrentFileEntry {
  /** `/` between segments, below the torrent's name; the name itself for a single-file torrent. */
  readonly path: string;
  readonly lengthBytes: number;
  /** 64 hex digits; undefined when the torrent carries none. */
  readonly sha256: string | undefined;
}

export interface Torrent {
  /** 40 lowercase hex digits. */
  readonly infoHash: string;
  readonly name: string;
  readonly announceUrl: string | undefined;
  readonly lengthBytes: number;
  readonly pieceLengthBytes: number;
  readonly pieceCount: number;
  readonly isSingleFile: boolean;
  /** In the torrent's order. */
  readonly files: readonly TorrentFileEntry[];
}

type Dictionary = Record<string, Decoded>;

const PIECE_HASH_BYTES = 20;
const SHA256_BYTES = 32;

/** `source` names the file in messages. Throws `TORRENT_MALFORMED` or `TORRENT_NOT_PRIVATE`. */
export function readTorrent(bytes: Uint8Array, source: string): Torrent {
  const { announce, info } = decodeStrictly(bytes, source);
  if (!isDictionary(info)) throw malformed(source, "it has no info dictionary");
  const name = text(info.name) ?? "";
  if (name === "") throw malformed(source, "info.name is missing");
  refusePublic(info, source);
  const files = info.files === undefined ? [fileEntry(info, name, source)] : fileEntries(info.files, source);
  return {
    infoHash: createHash("sha1").update(bencode.encode(info)).digest("hex"),
    name,
    announceUrl: text(announce),
    isSingleFile: info.files === undefined,
    files,
    ...pieces(info, files, source),
  };
}

/** The decoder takes more than bencode; only what it prints again byte for byte is sound, and hashes as the hosts do. */
function decodeStrictly(bytes: Uint8Array, source: string): Dictionary {
  try {
    const decoded = bencode.decode(bytes);
    if (isDictionary(decoded) && Buffer.compare(bencode.encode(decoded), bytes) === 0) return decoded;
  } catch (cause) {
    throw malformed(source, "it is no bencoded file", { cause });
  }
  throw malformed(source, "its bencoding is not canonical, or bytes are missing");
}

function refusePublic(info: Dictionary, source: string): void {
  if (info.private === 1) return;
  const remedy = "build it again with: rackcast build <path>";
  const message = `${escaped(source)} is a public torrent: without the private flag clients look for peers past the tracker; ${remedy}`;
  throw new CommandError("TORRENT_NOT_PRIVATE", message);
}

function fileEntries(files: Decoded | undefined, source: string): TorrentFileEntry[] {
  if (!Array.isArray(files) || files.length === 0) throw malformed(source, "info.files is no list of files");
  return files.map((file) => {
    if (!isDictionary(file) || !Array.isArray(file.path))
      throw malformed(source, "info.files has an entry without a path");
    return fileEntry(file, file.path.map((segment) => text(segment) ?? "").join("/"), source);
  });
}

function fileEntry(file: Dictionary, path: string, source: string): TorrentFileEntry {
  const { length, sha256 } = file;
  if (typeof length !== "number" || length < 0) throw malformed(source, `${JSON.stringify(path)} has no length`);
  const hasSum = sha256 instanceof Uint8Array && sha256.length === SHA256_BYTES;
  return { path, lengthBytes: length, sha256: hasSum ? Buffer.from(sha256).toString("hex") : undefined };
}

function pieces(info: Dictionary, files: readonly TorrentFileEntry[], source: string) {
  const lengthBytes = files.reduce((sum, file) => sum + file.lengthBytes, 0);
  const pieceLengthBytes = info["piece length"];
  if (typeof pieceLengthBytes !== "number" || pieceLengthBytes <= 0) throw malformed(source, "it has no piece length");
  const pieceCount = Math.ceil(lengthBytes / pieceLengthBytes);
  const hashes = info.pieces instanceof Uint8Array ? info.pieces.length / PIECE_HASH_BYTES : 0;
  if (hashes !== pieceCount || pieceCount === 0)
    throw malformed(source, `it has ${hashes} of ${pieceCount} piece hashes`);
  return { lengthBytes, pieceLengthBytes, pieceCount };
}

function isDictionary(value: Decoded | null | undefined): value is Dictionary {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function text(value: Decoded | undefined): string | undefined {
  return value instanceof Uint8Array ? Buffer.from(value).toString("utf8") : undefined;
}

function malformed(source: string, what: string, options?: ErrorOptions): CommandError {
  const message = `${escaped(source)} is no sound torrent: ${what}. Copy it anew, or build it again with: rackcast build <path>`;
  return new CommandError("TORRENT_MALFORMED", message, options);
}
