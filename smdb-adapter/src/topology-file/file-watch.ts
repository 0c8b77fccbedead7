// Tells when a file has changed and come to rest, by events of its directory and, where those fail, by looking.
import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";

export interface FileWatchOptions {
  readonly file: string;
  /** Called when the file differs from what it was at the last call and has not changed for `settleMs`. */
  readonly onChange: () => Promise<void>;
  /** How long a file must stay as it is before it counts as written. */
  readonly settleMs: number;
  /** How often to look without an event: network file systems and full inotify tables have none. */
  readonly pollMs: number;
  /** What changes with the file; default that of the file alone. */
  readonly signatureOf?: (file: string) => Promise<string>;
}

export interface FileWatch {
  close(): void;
}

/** Starts watching; `seen` is the signature of the file as it was last read. */
export function startFileWatch(options: FileWatchOptions, seen: string): FileWatch {
  const { file, onChange, settleMs, pollMs, signatureOf = fileSignature } = options;
  let reported = seen;
  let before = seen;
  let settling: NodeJS.Timeout | undefined;
  let closed = false;

  async function look(): Promise<void> {
    const now = await signatureOf(file);
    if (closed) return;
    const settled = now === before;
    before = now;
    if (!settled) return lookAgain();
    if (now === reported) return;
    reported = now;
    await onChange();
  }

  // An event does not put off a look that is due, or a busy directory would put it off for ever.
  function lookAgain(): void {
    if (closed || settling !== undefined) return;
    settling = setTimeout(() => {
      settling = undefined;
      void look();
    }, settleMs);
    settling.unref();
  }

  const polling = setInterval(lookAgain, pollMs).unref();
  const watcher = watchDirectory(dirname(file), lookAgain);
  return {
    close() {
      closed = true;
      clearTimeout(settling);
      clearInterval(polling);
      watcher?.close();
    },
  };
}

/** What changes whenever a file is written, replaced, or reached through another link; `absent` without a file. */
export async function fileSignature(file: string): Promise<string> {
  try {
    const { mtimeNs, ctimeNs, size, ino, dev } = await stat(file, { bigint: true });
    return [mtimeNs, ctimeNs, size, ino, dev].join(":");
  } catch {
    return "absent";
  }
}

// The directory, as editors and configuration management replace files rather than write into them.
function watchDirectory(directory: string, onEvent: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, { persistent: false }, onEvent);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
