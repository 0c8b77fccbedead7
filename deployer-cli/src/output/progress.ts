// Progress on stderr: a bar that redraws itself on a terminal, a plain line now and then off it.
import { formatBytes, formatShare } from "./units.ts";
import { isTerminal, type Stream } from "./terminal.ts";

const BAR_CELLS = 30;
const REDRAW_MS = 100;
const PLAIN_LINE_MS = 10_000;
const ERASE_LINE = "\r\u001b[2K";

export interface Progress {
  update(done: number, total: number): void;
  /** Leaves nothing of a bar behind. */
  close(): void;
}

/** `label` says what is counted, in bytes. A short piece of work prints nothing off a terminal. */
export function createProgress(stream: Stream, label: string, now: () => number = Date.now): Progress {
  return isTerminal(stream) ? createBar(stream, label, now) : createPlainLines(stream, label, now);
}

function createBar(stream: Stream, label: string, now: () => number): Progress {
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    update(done, total) {
      if (now() - drawnAt < REDRAW_MS && done < total) return;
      drawnAt = now();
      const share = total === 0 ? 1 : done / total;
      const filled = Math.floor(share * BAR_CELLS);
      const bar = `${"█".repeat(filled)}${"░".repeat(BAR_CELLS - filled)}`;
      stream.write(`${ERASE_LINE}${label} ${bar} ${formatShare(share)} of ${formatBytes(total)}`);
    },
    close: () => void (drawnAt > Number.NEGATIVE_INFINITY && stream.write(ERASE_LINE)),
  };
}

function createPlainLines(stream: Stream, label: string, now: () => number): Progress {
  let writtenAt = now();
  return {
    update(done, total) {
      if (now() - writtenAt < PLAIN_LINE_MS) return;
      writtenAt = now();
      const share = total === 0 ? 1 : done / total;
      stream.write(`${label} ${formatShare(share)}: ${formatBytes(done)} of ${formatBytes(total)}\n`);
    },
    close: () => undefined,
  };
}
