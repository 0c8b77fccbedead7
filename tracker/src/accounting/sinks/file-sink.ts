// Deltas in a file, one JSON object a line (NDJSON), on the disk once they are taken over.
import type { Delta } from "../delta.ts";
import type { DeltaSink } from "../delta-sink.ts";
import { type DeltaFile, openDeltaFile, type Place } from "./delta-file.ts";
import { tellFileError } from "./file-errors.ts";
import { mayMoveAway, moveAway } from "./file-rotation.ts";
import type { FileSinkSettings } from "./sink-settings.ts";

/**
 * The file may be moved away or cut by others at any time. Replays are known by the last line of the newest file. Rejects with `SinkError`
 * when the file cannot be opened. One tracker to a file.
 */
export async function openFileSink({ file, rotation }: FileSinkSettings): Promise<DeltaSink> {
  let opened: DeltaFile | undefined;
  let last: Place | undefined;

  async function reopen(): Promise<DeltaFile> {
    await close();
    opened = await openDeltaFile(file);
    last = opened.last ?? last;
    return opened;
  }

  async function newest(): Promise<DeltaFile> {
    return opened !== undefined && (await opened.isAt(file)) ? opened : reopen();
  }

  async function withRoomFor(bytes: number, current: DeltaFile): Promise<DeltaFile> {
    if (rotation === undefined || bytes === 0) return current;
    const size = await current.size();
    if (size === 0 || size + bytes <= rotation.atBytes) return current;
    await moveAway(file, rotation.keep);
    return reopen();
  }

  async function append(batch: readonly Delta[]): Promise<void> {
    const current = await newest();
    const fresh = batch.filter((delta) => !isTaken(delta, last));
    const lines = Buffer.from(fresh.map((delta) => `${JSON.stringify(delta)}\n`).join(""));
    // With nothing to add, too: a process that was killed may have written what it had not brought to the disk.
    await (await withRoomFor(lines.length, current)).append(lines);
    last = fresh.at(-1) ?? last;
  }

  async function close(): Promise<void> {
    const closing = opened;
    opened = undefined;
    await closing?.close();
  }

  async function told<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      // What was written of a batch is found, and mended, when it is opened anew.
      await close().catch(() => undefined);
      throw tellFileError(error, file);
    }
  }

  await told(async () => {
    await reopen();
    if (rotation !== undefined) await mayMoveAway(file);
  });
  return { write: (batch) => told(() => append(batch)), close };
}

function isTaken({ source, sequence }: Delta, last: Place | undefined): boolean {
  return source === last?.source && sequence <= last.sequence;
}
