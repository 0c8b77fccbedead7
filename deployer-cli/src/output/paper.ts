// A stream for tests of what is printed: as wide as wanted, a terminal or not, and it keeps what is written.
import { createTerminal, type Stream, type Terminal } from "./terminal.ts";

export interface Paper extends Stream {
  written: string;
}

export function createPaper(shape: {
  readonly isTTY: boolean;
  readonly columns?: number;
  readonly rows?: number;
}): Paper {
  return {
    ...shape,
    written: "",
    write(text) {
      this.written += String(text);
      return true;
    },
  };
}

/** The kinds of paper that every picture is kept for under golden/, by the end of the file's name. */
export const GOLDEN_PAPERS = {
  "80": { isTTY: false, columns: 80 },
  "200": { isTTY: false, columns: 200 },
  "80-colors": { isTTY: true, columns: 80 },
  "200-colors": { isTTY: true, columns: 200 },
} as const;

export type GoldenPaper = keyof typeof GOLDEN_PAPERS;

/** What comes out on stdout when something prints to such paper. */
export function printed(paper: GoldenPaper, print: (terminal: Terminal) => void): string {
  const [stdout, stderr] = [createPaper(GOLDEN_PAPERS[paper]), createPaper(GOLDEN_PAPERS[paper])];
  print(createTerminal(stdout, stderr, {}));
  return stdout.written;
}
