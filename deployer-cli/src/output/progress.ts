// Progress on stderr: a bar that redraws itself on a terminal, a plain line now and then off it.
import { drawBar } from "./bar.ts";
import { createLiveLine } from "./live-line.ts";
import { formatBytes, formatRate, formatSeconds, formatShare } from "./units.ts";
import { isTerminal, type Stream } from "./terminal.ts";

const BAR_CELLS = 20;
const REDRAW_MS = 100;
const PLAIN_LINE_MS = 10_000;
const FIRST_PACE_MS = 1000;

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
  const line = createLiveLine(stream);
  const startedAt = now();
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    update(done, total) {
      if (now() - drawnAt < REDRAW_MS && done < total) return;
      drawnAt = now();
      const bar = drawBar(shareOf(done, total), BAR_CELLS);
      const pace = paceOf(done, total, drawnAt - startedAt);
      line.show(`${label} ${bar} ${formatShare(shareOf(done, total))} of ${formatBytes(total)}${pace}`);
    },
    close: line.close,
  };
}

function createPlainLines(stream: Stream, label: string, now: () => number): Progress {
  const startedAt = now();
  let writtenAt = startedAt;
  return {
    update(done, total) {
      if (now() - writtenAt < PLAIN_LINE_MS) return;
      writtenAt = now();
      const pace = paceOf(done, total, writtenAt - startedAt);
      const share = formatShare(shareOf(done, total));
      stream.write(`${label} ${share}: ${formatBytes(done)} of ${formatBytes(total)}${pace}\n`);
    },
    close: () => undefined,
  };
}

function shareOf(done: number, total: number): number {
  return total === 0 ? 1 : done / total;
}

/** How fast it has been and how long the rest takes at that; nothing before that can be said. */
function paceOf(done: number, total: number, elapsedMs: number): string {
  if (elapsedMs < FIRST_PACE_MS || done === 0) return "";
  const bytesPerSecond = (done / elapsedMs) * 1000;
  return `, ${formatRate(bytesPerSecond)}, ${formatSeconds((total - done) / bytesPerSecond)} left`;
}
