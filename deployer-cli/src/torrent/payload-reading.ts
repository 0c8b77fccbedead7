// Reads a payload's bytes once, in the torrent's order, and refuses them when they are not those of the scan.
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { CommandError } from "../errors.ts";
import { escaped } from "../output/escaping.ts";
import { calling, type Payload, type PayloadFile, scanPayload, versionOf } from "./payload.ts";

/** What reading needs to know of a file. */
export type ReadableFile = Pick<PayloadFile, "absolutePath" | "lengthBytes" | "version">;

/** Without waiting for a writer, should a named pipe be in the file's place by now. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * The file's bytes in memory that the next chunk overwrites. Synchronous, for threads that have nothing else to do.
 * Throws `PAYLOAD_CHANGED` when they are not those of the scan, `PATH_UNREADABLE` when they cannot be had.
 */
export function* readChunks(file: ReadableFile, buffer: Buffer): Generator<Uint8Array> {
  const { absolutePath: path, lengthBytes } = file;
  const descriptor = calling(path, () => openSync(path, OPEN_FLAGS));
  try {
    refuseChanged(descriptor, file);
    for (let readBytes = 0; readBytes < lengthBytes;) {
      const wantedBytes = Math.min(buffer.length, lengthBytes - readBytes);
      const chunkBytes = calling(path, () => readSync(descriptor, buffer, 0, wantedBytes, null));
      if (chunkBytes === 0) throw changed(path);
      readBytes += chunkBytes;
      yield buffer.subarray(0, chunkBytes);
    }
    refuseChanged(descriptor, file);
  } finally {
    closeSync(descriptor);
  }
}

function refuseChanged(descriptor: number, file: ReadableFile): void {
  const version = versionOf(fstatSync(descriptor, { bigint: true }));
  if (version !== file.version) throw changed(file.absolutePath);
}

/** Looks at the whole tree again: files added, removed or rewritten after they were read. */
export async function refuseChangedPayload(path: string, before: Payload, signal?: AbortSignal): Promise<void> {
  const after = await scanPayload(path, signal);
  const versions = new Map(after.files.map((file) => [file.absolutePath, file.version]));
  const differing = before.files.find((file) => versions.get(file.absolutePath) !== file.version);
  if (differing) throw changed(differing.absolutePath);
  const known = new Set(before.files.map((file) => file.segments.join("/")));
  const added = after.files.find((file) => !known.has(file.segments.join("/")));
  if (added) throw changed(added.absolutePath);
}

function changed(path: string): CommandError {
  const remedy = "wait until nothing writes there any more, then build again";
  return new CommandError("PAYLOAD_CHANGED", `${escaped(path)} changed while it was being read; ${remedy}.`);
}
