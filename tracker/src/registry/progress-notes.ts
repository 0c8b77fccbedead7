// Gathers what announces report of transfers, so that a thousand hosts starting at once are one write.
import type { InfoHash } from "../swarm/identifiers.ts";
import { shareRuns } from "./shared-runs.ts";
import type { Progress } from "./transitions.ts";

export interface ProgressNote {
  readonly infoHash: InfoHash;
  readonly what: Progress;
  /** Milliseconds since the epoch. */
  readonly first: number;
  readonly last: number;
}

export interface ProgressNotes {
  add(infoHash: InfoHash, what: Progress, now: number): void;
  /** Hands all notes to the writer, one batch at a time. What the writer throws comes out, and the notes stay for the next time. */
  flush(): Promise<void>;
  /** Flushes for the last time; later notes are dropped. */
  close(): Promise<void>;
}

const WRITE_EVERY_MS = 500;

/** `onFailure` hears of a write that failed with nobody waiting for it; it is tried again. */
export function createProgressNotes(
  write: (notes: readonly ProgressNote[]) => void | Promise<void>,
  onFailure: (error: unknown) => void,
): ProgressNotes {
  const notes = new Map<string, ProgressNote>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const writeShared = shareRuns(writePending);

  function note({ infoHash, what, first, last }: ProgressNote): void {
    const key = `${infoHash} ${what}`;
    const before = notes.get(key);
    notes.set(key, {
      infoHash,
      what,
      first: Math.min(first, before?.first ?? first),
      last: Math.max(last, before?.last ?? last),
    });
  }

  function schedule(): void {
    timer ??= setTimeout(() => void flush().catch(tryAgain), WRITE_EVERY_MS).unref();
  }

  function tryAgain(error: unknown): void {
    onFailure(error);
    if (!closed) schedule();
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    return writeShared();
  }

  async function writePending(): Promise<void> {
    if (notes.size === 0) return;
    const batch = [...notes.values()];
    notes.clear();
    try {
      await write(batch);
    } catch (error) {
      for (const unwritten of batch) note(unwritten);
      throw error;
    }
  }

  return {
    add(infoHash, what, now) {
      if (closed) return;
      note({ infoHash, what, first: now, last: now });
      schedule();
    },
    flush,
    async close() {
      closed = true;
      await flush();
    },
  };
}
