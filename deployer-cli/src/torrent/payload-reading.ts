// Reads a payload's bytes once, in the torrent's order: pieces and per-file sums are made from the same stream.
import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { CommandError } from "../errors.ts";
import { type Payload, type PayloadFile, scanPayload, unreadable, versionOf } from "./payload.ts";

const CHUNK_BYTES = 1024 * 1024;

export interface PayloadReading {
  readonly payload: Payload;
  readonly signal: AbortSignal | undefined;
  /** Called once per file, in order, with its 32 bytes of SHA-256. */
  onFile(file: PayloadFile, sha256: Uint8Array): void;
}

/** Throws `PAYLOAD_CHANGED` when the bytes read are not those of the scan, `PATH_UNREADABLE` when they cannot be had. */
export async function* readPayload(reading: PayloadReading): AsyncGenerator<Uint8Array> {
  for (const file of reading.payload.files) {
    const sha256 = createHash("sha256");
    for await (const chunk of readFile(file, reading.signal)) {
      sha256.update(chunk);
      yield chunk;
    }
    reading.onFile(file, sha256.digest());
  }
}

async function* readFile(file: PayloadFile, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const path = file.absolutePath;
  const handle = await open(path).catch((cause) => Promise.reject(unreadable(path, cause)));
  try {
    await refuseChanged(handle, file);
    let readBytes = 0;
    for (let chunk = await nextChunk(handle, path); chunk.length > 0; chunk = await nextChunk(handle, path)) {
      signal?.throwIfAborted();
      readBytes += chunk.length;
      yield chunk;
    }
    if (readBytes !== file.lengthBytes) throw changed(path);
    await refuseChanged(handle, file);
  } finally {
    await handle.close();
  }
}

async function nextChunk(handle: FileHandle, path: string): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  const { bytesRead } = await handle
    .read(buffer, 0, CHUNK_BYTES)
    .catch((cause) => Promise.reject(unreadable(path, cause)));
  return buffer.subarray(0, bytesRead);
}

async function refuseChanged(handle: FileHandle, file: PayloadFile): Promise<void> {
  const version = versionOf(await handle.stat({ bigint: true }));
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
  return new CommandError("PAYLOAD_CHANGED", `${path} changed while it was being read; ${remedy}.`);
}
