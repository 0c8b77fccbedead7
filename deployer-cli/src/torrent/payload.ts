// What is under a path: the regular files a torrent is made of, in the one order that the same tree always has.
import { accessSync, constants, lstatSync, readdirSync, realpathSync, statSync, type BigIntStats } from "node:fs";
import { basename, resolve, sep } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { CommandError, systemErrorCode } from "../errors.ts";
import { escaped } from "../output/escaping.ts";

export interface PayloadFile {
  /** From the payload's folder; one segment, the payload's own name, when the payload is a single file. */
  readonly segments: readonly string[];
  /** Where the bytes are, links resolved. */
  readonly absolutePath: string;
  readonly lengthBytes: number;
  /** Changes whenever the file's content may have. */
  readonly version: string;
}

export interface Payload {
  /** Base name of the path as it was given. */
  readonly name: string;
  /** Real path of the file or folder. */
  readonly root: string;
  readonly isSingleFile: boolean;
  readonly lengthBytes: number;
  /** Sorted by the bytes of their paths. */
  readonly files: readonly PayloadFile[];
  /** Symbolic links whose targets' content stands in the payload under the link's name. */
  readonly followedLinks: readonly string[];
  /** Folders without any file: a torrent cannot carry them. */
  readonly emptyFolders: readonly string[];
}

const ENTRIES_PER_TURN = 500;
const STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

interface Walk {
  readonly root: string;
  readonly signal: AbortSignal | undefined;
  readonly files: PayloadFile[];
  readonly followedLinks: string[];
  readonly emptyFolders: string[];
}

interface Place {
  readonly absolutePath: string;
  readonly segments: readonly string[];
  /** Real paths of the folders around, to notice a link that leads back into one of them. */
  readonly ancestors: readonly string[];
}

/**
 * Symbolic links are followed while they stay inside the path, and refused when they lead out of it; the path itself
 * may be one. Throws `PATH_MISSING`, `PATH_UNREADABLE`, `PAYLOAD_EMPTY` or `PAYLOAD_UNSUPPORTED`.
 */
export async function scanPayload(path: string, signal?: AbortSignal): Promise<Payload> {
  const root = calling(path, () => realpathSync.native(path));
  const name = basename(resolve(path)) || basename(root);
  const walk: Walk = { root, signal, files: [], followedLinks: [], emptyFolders: [] };
  const stats = calling(root, () => statSync(root, { bigint: true }));
  const isSingleFile = !stats.isDirectory();
  if (isSingleFile) addFile(walk, { absolutePath: root, segments: [name], ancestors: [] }, stats);
  else await addFolder(walk, { absolutePath: root, segments: [], ancestors: [] });
  return checked(path, name, isSingleFile, walk);
}

function checked(path: string, name: string, isSingleFile: boolean, walk: Walk): Payload {
  const { root, files, followedLinks, emptyFolders } = walk;
  if (name === "") throw unsupported(path, "has no name; give a file or folder below it");
  if (files.length === 0) throw empty(`${path} holds no files`);
  const lengthBytes = files.reduce((sum, file) => sum + file.lengthBytes, 0);
  if (lengthBytes === 0) throw empty(isSingleFile ? `${path} is empty` : `All files under ${path} are empty`);
  return { name, root, isSingleFile, lengthBytes, files: inByteOrder(files), followedLinks, emptyFolders };
}

function inByteOrder(files: readonly PayloadFile[]): PayloadFile[] {
  return files
    .map((file) => ({ file, key: Buffer.from(file.segments.join("/")) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ file }) => file);
}

async function addFolder(walk: Walk, place: Place): Promise<void> {
  const folder = place.absolutePath;
  const entries = calling(folder, () => readdirSync(folder, { encoding: "buffer" }));
  if (entries.length === 0 && place.segments.length > 0) walk.emptyFolders.push(place.segments.join("/"));
  const ancestors = [...place.ancestors, folder];
  for (const [at, entry] of entries.entries()) {
    if (at % ENTRIES_PER_TURN === 0) await otherWork(walk);
    const name = utf8Name(entry, folder);
    const absolutePath = `${folder === sep ? "" : folder}${sep}${name}`;
    await addEntry(walk, { absolutePath, segments: [...place.segments, name], ancestors });
  }
}

/** The calls are synchronous, many times faster for a tree of small files; between them the signal must be heard. */
async function otherWork({ signal }: Walk): Promise<void> {
  await nextTurn();
  signal?.throwIfAborted();
}

async function addEntry(walk: Walk, place: Place): Promise<void> {
  const stats = calling(place.absolutePath, () => lstatSync(place.absolutePath, { bigint: true }));
  if (stats.isSymbolicLink()) await addLink(walk, place);
  else if (stats.isDirectory()) await addFolder(walk, place);
  else addFile(walk, place, stats);
}

async function addLink(walk: Walk, place: Place): Promise<void> {
  const link = place.absolutePath;
  const target = calling(link, () => realpathSync.native(link));
  const isInside = target === walk.root || target.startsWith(walk.root + sep);
  if (!isInside)
    throw unsupported(link, `is a symbolic link out of the payload, to ${escaped(target)}; put the file itself there`);
  if (place.ancestors.some((folder) => folder === target))
    throw unsupported(link, "is a symbolic link to a folder around it; remove it");
  walk.followedLinks.push(place.segments.join("/"));
  await addEntry(walk, { ...place, absolutePath: target });
}

function addFile(walk: Walk, place: Place, stats: BigIntStats): void {
  const { absolutePath, segments } = place;
  if (!stats.isFile()) throw unsupported(absolutePath, "is neither a regular file nor a folder; leave it out");
  calling(absolutePath, () => accessSync(absolutePath, constants.R_OK));
  walk.files.push({ segments, absolutePath, lengthBytes: Number(stats.size), version: versionOf(stats) });
}

/** Also of an open file, to be compared with what the scan saw. */
export function versionOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`;
}

function utf8Name(name: Buffer, folder: string): string {
  try {
    return STRICT_UTF8.decode(name);
  } catch (cause) {
    const shown = escaped(name.toString("latin1"));
    const message = `The name "${shown}" (shown as Latin-1) in ${escaped(folder)} is not UTF-8; rename it.`;
    throw new CommandError("PAYLOAD_UNSUPPORTED", message, { cause });
  }
}

/** A call on a path, with its failure said for the user. */
export function calling<Result>(path: string, call: () => Result): Result {
  try {
    return call();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Says what a failed call on a path means for the user. */
export function unreadable(path: string, cause: unknown): CommandError {
  const code = systemErrorCode(cause);
  if (code === "ENOENT" || code === "ENOTDIR") {
    const message = `${escaped(path)} does not exist, or is a link to nothing; check the path.`;
    return new CommandError("PATH_MISSING", message, { cause });
  }
  if (code === "ELOOP") return unsupported(path, "is a symbolic link to itself; remove it", cause);
  const denied = code === "EACCES" || code === "EPERM";
  const remedy = denied ? "let this user read it (chmod, chown), or run as one who may" : "check the disk and the path";
  const reason = denied ? "permission denied" : (code ?? "unknown error");
  return new CommandError("PATH_UNREADABLE", `Cannot read ${escaped(path)}: ${reason}; ${remedy}.`, { cause });
}

function unsupported(path: string, what: string, cause?: unknown): CommandError {
  return new CommandError("PAYLOAD_UNSUPPORTED", `${escaped(path)} ${what}.`, { cause });
}

function empty(what: string): CommandError {
  return new CommandError("PAYLOAD_EMPTY", `${escaped(what)}; give a path that holds data.`);
}
