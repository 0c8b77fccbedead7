// One file of deltas that is appended to: opened, its torn last line mended, and brought to the disk with every append.
import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { SinkError } from "../delta-sink.ts";

/** Of a delta among all. */
export interface Place {
  readonly source: string;
  readonly sequence: number;
}

export interface DeltaFile {
  /** Of the last delta in it when it was opened. */
  readonly last: Place | undefined;
  /** Whether it is still what the path names. */
  isAt(path: string): Promise<boolean>;
  size(): Promise<number>;
  /** Once its promise resolves, all that the file holds is on the disk. */
  append(lines: Buffer): Promise<void>;
  close(): Promise<void>;
}

const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND;
/** It says who moved what. */
const MODE = 0o640;
/** Longer than any line. */
const TAIL_BYTES = 2 ** 20;
const NEWLINE = 0x0a;
const BEGINNING = '{"id":"';

/** Made when it is not there. Rejects with the system's error, and with `SinkError` for a file of something else, which stays as it is. */
export async function openDeltaFile(path: string): Promise<DeltaFile> {
  const handle = await open(path, FLAGS, MODE);
  try {
    const { ino, dev, size } = await mustBeFile(handle, path);
    if (size === 0) await keepName(path);
    return {
      last: await mend(handle, { path, size }),
      async isAt(name) {
        const found = await stat(name).catch(() => undefined);
        return found?.ino === ino && found.dev === dev;
      },
      size: async () => (await handle.stat()).size,
      async append(lines) {
        await handle.appendFile(lines);
        await handle.datasync();
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function mustBeFile(handle: FileHandle, path: string) {
  const found = await handle.stat();
  if (!found.isFile()) throw foreign(path, "is no regular file");
  return found;
}

/** A new file's name is in its folder, which is brought to the disk by itself. */
async function keepName(path: string): Promise<void> {
  const folder = await open(dirname(path), constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Cuts off what is behind the last whole line: the rest of a write that was never acknowledged. Resolves to that line's delta. */
async function mend(handle: FileHandle, { path, size }: { path: string; size: number }): Promise<Place | undefined> {
  const start = Math.max(0, size - TAIL_BYTES);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
  const tail = buffer.subarray(0, bytesRead);
  const end = tail.lastIndexOf(NEWLINE) + 1;
  const last = end === 0 ? undefined : placeIn(tail.subarray(tail.lastIndexOf(NEWLINE, end - 2) + 1, end));
  if (last === undefined && !(end === 0 && start === 0 && isBeginning(tail))) {
    throw foreign(path, "ends in a line that is no delta");
  }
  if (end < tail.length) await handle.truncate(start + end);
  return last;
}

function placeIn(line: Buffer): Place | undefined {
  try {
    const { source, sequence } = JSON.parse(line.toString()) as Partial<Place>;
    return typeof source === "string" && typeof sequence === "number" ? { source, sequence } : undefined;
  } catch {
    return undefined;
  }
}

/** Of the first line, or nothing at all. */
function isBeginning(text: Buffer): boolean {
  const shared = text.toString("latin1", 0, BEGINNING.length);
  return BEGINNING.startsWith(shared);
}

function foreign(path: string, what: string): SinkError {
  return new SinkError(`${path} ${what}; move it away, or name another file by ACCOUNTING_SINK`, { isRefusal: true });
}
