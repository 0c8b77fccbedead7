// Gathers what announces report of transfers, so that a thousand hosts starting at once are one write.
import type { InfoHash } from "../swarm/identifiers.ts";
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
  /** Hands all notes to the writer now. What the writer throws comes out, and the notes stay for the next time. */
  flush(): void;
  /** Flushes for the last time; later notes are dropped. */
  close(): void;
}

const WRITE_EVERY_MS = 500;

/** `onFailure` hears of a write that failed with nobody waiting for it; it is tried again. */
export function createProgressNotes(
  write: (notes: readonly ProgressNote[]) => void,
  onFailure: (error: unknown) => void,
): ProgressNotes {
  const notes = new Map<string, ProgressNote>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function schedule(): void {
    timer ??= setTimeout(writeInTime, WRITE_EVERY_MS).unref();
  }

  function writeInTime(): void {
    try {
      flush();
    } catch (error) {
      onFailure(error);
      schedule();
    }
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (notes.size === 0) return;
    write([...notes.values()]);
    notes.clear();
  }

  return {
    add(infoHash, what, now) {
      if (closed) return;
      const key = `${infoHash} ${what}`;
      notes.set(key, { infoHash, what, first: notes.get(key)?.first ?? now, last: now });
      schedule();
    },
    flush,
    close() {
      closed = true;
      flush();
    },
  };
}
