// A picture that is shown again and again: redrawn in place on a terminal, printed when it changed off it.
import { isTerminal, type Stream } from "./terminal.ts";

const ERASE_BELOW = "\u001b[0J";
const DEFAULT_ROWS = 24;

export interface LiveView {
  show(text: string): void;
  /** Leaves nothing of the last picture on a terminal. */
  clear(): void;
}

export function createLiveView(stream: Stream): LiveView {
  return isTerminal(stream) ? createRedrawn(stream) : createPrinted(stream);
}

function createRedrawn(stream: Stream): LiveView {
  let shownLines = 0;
  return {
    show(text) {
      // What has scrolled out of the window cannot be redrawn, so no more is shown than fits.
      const lines = text.split("\n").slice(0, known(stream.rows, DEFAULT_ROWS) - 1);
      const back = shownLines > 0 ? `\u001b[${shownLines}A\r` : "";
      stream.write(
        `${back}${ERASE_BELOW}${lines.map((line) => clip(line, known(stream.columns, Number.POSITIVE_INFINITY))).join("\n")}\n`,
      );
      shownLines = lines.length;
    },
    clear() {
      if (shownLines > 0) stream.write(`\u001b[${shownLines}A\r${ERASE_BELOW}`);
      shownLines = 0;
    },
  };
}

/** A line longer than the window would take two rows of it. Lines with colours are left alone. */
function clip(line: string, columns: number): string {
  return line.includes("\u001b") ? line : line.slice(0, columns);
}

/** A terminal that was never given a size says that it has none, or 0. */
function known(size: number | undefined, otherwise: number): number {
  return size === undefined || size === 0 ? otherwise : size;
}

function createPrinted(stream: Stream): LiveView {
  let shown: string | undefined;
  return {
    show(text) {
      if (text === shown) return;
      shown = text;
      stream.write(`${text}\n`);
    },
    clear: () => undefined,
  };
}
