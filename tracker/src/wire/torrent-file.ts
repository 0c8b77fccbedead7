// Reads a .torrent (BEP 3, 27) into what the registry and the drivers need of it.
import { createHash } from "node:crypto";
import type { InfoHash } from "../swarm/identifiers.ts";
import { type BencodeDictionary, type BencodeValue, decodeBencode, isDictionary, isList } from "./bencode.ts";
import { WireError } from "./errors.ts";

export interface TorrentPayloadFile {
  /** Relative to the payload's folder, `/` between segments; the torrent's name for a single-file torrent. */
  readonly path: string;
  readonly lengthBytes: number;
  /** 64 lowercase hex digits; undefined when the torrent carries none for this file. */
  readonly sha256: string | undefined;
}

export interface TorrentFile {
  /** SHA-1 over the bytes of the info dictionary as they stand in the file. */
  readonly infoHash: InfoHash;
  readonly name: string;
  readonly lengthBytes: number;
  readonly pieceLengthBytes: number;
  readonly fileCount: number;
  /** The payload is a folder of the torrent's name, be it of one file; otherwise it is a file of that name. */
  readonly isFolder: boolean;
  /** In the torrent's order, which is the order of their bytes in the pieces. */
  readonly files: readonly TorrentPayloadFile[];
  /** Always true: others are refused with `TORRENT_NOT_PRIVATE`. */
  readonly private: true;
  /** Ed25519, over the manifest's bytes (manifest.ts); stands outside the info dictionary. Undefined when there is none. */
  readonly signature: Uint8Array | undefined;
}

const PIECE_HASH_BYTES = 20;
const SHA256_BYTES = 32;
const SIGNATURE = "rackcast signature";
const SIGNATURE_BYTES = 64;
/** The bounds of libtorrent 0.13.8: a torrent past them would be refused by every host, one by one. */
const PIECE_LENGTH_ABOVE = 2 ** 10;
const PIECE_LENGTH_UP_TO = 512 * 2 ** 20;
const REBUILD = "build the torrent again with `rackcast build`";

/** Throws `TORRENT_INVALID` or `TORRENT_NOT_PRIVATE`; the message names the field and the remedy. */
export function parseTorrentFile(bytes: Uint8Array): TorrentFile {
  const { info, signature } = rootDictionary(bytes);
  const name = pathSegment(info.fields.get("name"), "info.name");
  refuseOtherSpelling(info, "name", "info");
  const pieceLengthBytes = pieceLength(info.fields.get("piece length"));
  const isFolder = info.fields.has("files");
  const files = isFolder ? severalFiles(info) : [singleFile(info, name)];
  const lengthBytes = totalLength(files);
  checkPieces(info.fields.get("pieces"), lengthBytes, pieceLengthBytes);
  checkPrivate(info.fields.get("private"));
  const infoHash = sha1Hex(bytes.subarray(info.start, info.end));
  return {
    infoHash,
    name,
    lengthBytes,
    pieceLengthBytes,
    fileCount: files.length,
    isFolder,
    files,
    private: true,
    signature,
  };
}

function sha1Hex(bytes: Uint8Array): InfoHash {
  return createHash("sha1").update(bytes).digest("hex") as InfoHash;
}

function rootDictionary(bytes: Uint8Array): { info: BencodeDictionary; signature: Uint8Array | undefined } {
  const root = decodeTorrent(bytes);
  if (!isDictionary(root)) throw new WireError("TORRENT_INVALID", `The file is no torrent: no dictionary; ${REBUILD}.`);
  const info = root.fields.get("info");
  if (!isDictionary(info)) throw invalid("info", "is missing or no dictionary");
  return { info, signature: signatureOf(root) };
}

function signatureOf({ fields }: BencodeDictionary): Uint8Array | undefined {
  const value = fields.get(SIGNATURE);
  if (value === undefined || (value instanceof Uint8Array && value.length === SIGNATURE_BYTES)) return value;
  throw invalid(SIGNATURE, `must be a string of ${SIGNATURE_BYTES} bytes`);
}

function decodeTorrent(bytes: Uint8Array): BencodeValue {
  try {
    return decodeBencode(bytes);
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw new WireError(
      "TORRENT_INVALID",
      `The torrent file is corrupt: ${cause.message}. Copy it anew, or ${REBUILD}.`,
      { cause },
    );
  }
}

function singleFile(info: BencodeDictionary, name: string): TorrentPayloadFile {
  const lengthBytes = size(info.fields.get("length"), "info.length");
  return { path: name, lengthBytes, sha256: sha256Of(info, "info") };
}

function severalFiles(info: BencodeDictionary): TorrentPayloadFile[] {
  if (info.fields.has("length")) throw invalid("info.length", "must not stand beside info.files");
  const entries = info.fields.get("files");
  if (!isList(entries) || entries.length === 0) throw invalid("info.files", "must be a list of at least one file");
  const files = entries.map((entry, index) => payloadFile(entry, `info.files[${index}]`));
  refuseClashes(files);
  return files;
}

function payloadFile(entry: BencodeValue, field: string): TorrentPayloadFile {
  if (!isDictionary(entry)) throw invalid(field, "must be a dictionary");
  const segments = entry.fields.get("path");
  if (!isList(segments) || segments.length === 0) throw invalid(`${field}.path`, "must be a list of at least one name");
  refuseOtherSpelling(entry, "path", field);
  return {
    path: segments.map((segment) => pathSegment(segment, `${field}.path`)).join("/"),
    lengthBytes: size(entry.fields.get("length"), `${field}.length`),
    sha256: sha256Of(entry, field),
  };
}

/** Two files at one place, or a file where another needs a folder, would overwrite each other on every host. */
function refuseClashes(files: readonly TorrentPayloadFile[]): void {
  const taken = new Set<string>();
  const folders = new Set<string>();
  for (const { path } of files) {
    if (taken.has(path)) throw invalid("info.files", `holds ${JSON.stringify(path)} twice`);
    taken.add(path);
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) folders.add(path.slice(0, at));
  }
  const clash = files.find(({ path }) => folders.has(path));
  if (clash) throw invalid("info.files", `holds ${JSON.stringify(clash.path)} both as a file and as a folder`);
}

/** Clients that know `name.utf-8` and `path.utf-8` prefer them, so they must not say something else. */
function refuseOtherSpelling(dictionary: BencodeDictionary, key: "name" | "path", field: string): void {
  const other = dictionary.fields.get(`${key}.utf-8`);
  if (other === undefined || sameNames(other, dictionary.fields.get(key))) return;
  throw invalid(`${field}.${key}.utf-8`, `differs from ${field}.${key}`);
}

function sameNames(a: BencodeValue | undefined, b: BencodeValue | undefined): boolean {
  if (isList(a) && isList(b)) return a.length === b.length && a.every((item, index) => sameNames(item, b[index]));
  return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
}

function pathSegment(value: BencodeValue | undefined, field: string): string {
  if (!(value instanceof Uint8Array)) throw invalid(field, "is missing or no string");
  const name = utf8(value, field);
  if (name === "") throw invalid(field, "is empty");
  const escapes = name === "." || name === ".." || name.includes("/") || name.includes("\0");
  if (escapes) throw invalid(field, `is ${JSON.stringify(name)}, which leads out of the payload's folder`);
  return name;
}

function utf8(bytes: Uint8Array, field: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw invalid(field, "is not UTF-8; rename the file", { cause });
  }
}

function sha256Of(dictionary: BencodeDictionary, field: string): string | undefined {
  const value = dictionary.fields.get("sha256");
  if (value === undefined) return undefined;
  const fits = value instanceof Uint8Array && value.length === SHA256_BYTES;
  if (!fits) throw invalid(`${field}.sha256`, `must be a string of ${SHA256_BYTES} bytes`);
  return Buffer.from(value).toString("hex");
}

function size(value: BencodeValue | undefined, field: string): number {
  if (typeof value === "bigint" && value > 0n) throw invalid(field, "is above 2^53 - 1 bytes");
  if (typeof value !== "number") throw invalid(field, "is missing or no integer");
  if (value < 0) throw invalid(field, `is negative (${value})`);
  return value;
}

function pieceLength(value: BencodeValue | undefined): number {
  const bytes = size(value, "info.piece length");
  if (bytes > PIECE_LENGTH_ABOVE && bytes <= PIECE_LENGTH_UP_TO) return bytes;
  throw invalid("info.piece length", `is ${bytes}; rtorrent takes ${PIECE_LENGTH_ABOVE + 1} to ${PIECE_LENGTH_UP_TO}`);
}

function totalLength(files: readonly TorrentPayloadFile[]): number {
  const total = files.reduce((sum, file) => sum + file.lengthBytes, 0);
  if (!Number.isSafeInteger(total)) throw invalid("info.files", "are together above 2^53 - 1 bytes");
  if (total === 0)
    throw new WireError(
      "TORRENT_INVALID",
      "The torrent has no content: all its files are empty. Build it from a path that holds data.",
    );
  return total;
}

function checkPieces(value: BencodeValue | undefined, lengthBytes: number, pieceLengthBytes: number): void {
  if (!(value instanceof Uint8Array) || value.length === 0) {
    throw invalid("info.pieces", "is missing or empty (torrents of BEP 52 alone are not supported)");
  }
  const expected = Math.ceil(lengthBytes / pieceLengthBytes) * PIECE_HASH_BYTES;
  if (value.length === expected) return;
  throw invalid("info.pieces", `has ${value.length} bytes where ${lengthBytes} bytes of payload need ${expected}`);
}

function checkPrivate(value: BencodeValue | undefined): void {
  if (value === 1) return;
  const remedy = "build it again with `rackcast build`, or set the private flag";
  throw new WireError(
    "TORRENT_NOT_PRIVATE",
    `The torrent is public: info.private is not 1, so clients would look for peers past this tracker; ${remedy}.`,
  );
}

function invalid(field: string, what: string, options?: ErrorOptions): WireError {
  return new WireError("TORRENT_INVALID", `The torrent's ${field} ${what}; ${REBUILD}.`, options);
}
