// One line that changes: rewritten in place on a terminal, printed when it changed off it.
import { isTerminal, type Stream } from "./terminal.ts";

const ERASE_LINE = "\r\u001b[2K";

export interface LiveLine {
  show(text: string): void;
  close(): void;
}

export function createLiveLine(stream: Stream): LiveLine {
  let shown: string | undefined;
  const inPlace = isTerminal(stream);
  return {
    show(text) {
      if (text === shown) return;
      shown = text;
      stream.write(inPlace ? `${ERASE_LINE}${text.slice(0, (stream.columns ?? 80) - 1)}` : `${text}\n`);
    },
    close: () => void (inPlace && shown !== undefined && stream.write(ERASE_LINE)),
  };
}
