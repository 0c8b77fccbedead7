// Where the command prints: results on one stream, progress and notes on the other, colours and bars only on a terminal.
import pc from "picocolors";

export type Colors = ReturnType<typeof pc.createColors>;

/** What a command needs of a stream; `process.stdout` and `process.stderr` are such. */
export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string | Uint8Array): boolean;
}

export interface Terminal {
  /** For results: tables, JSON, what a script reads. */
  readonly stdout: Stream;
  /** For progress, notes and errors. */
  readonly stderr: Stream;
  /** Colours for stdout; plain off a terminal and with NO_COLOR. */
  readonly colors: Colors;
  /** The same for stderr. */
  readonly errorColors: Colors;
  print(text: string): void;
  printJson(value: unknown): void;
  /** One line that is no result: what was noticed, what to do next. */
  note(text: string): void;
}

export function createTerminal(stdout: Stream, stderr: Stream, env: NodeJS.ProcessEnv): Terminal {
  return {
    stdout,
    stderr,
    colors: pc.createColors(hasColors(stdout, env)),
    errorColors: pc.createColors(hasColors(stderr, env)),
    print: (text) => void stdout.write(`${text}\n`),
    printJson: (value) => void stdout.write(`${JSON.stringify(value, null, isTerminal(stdout) ? 2 : undefined)}\n`),
    note: (text) => void stderr.write(`${text}\n`),
  };
}

export function isTerminal(stream: Stream): boolean {
  return stream.isTTY === true;
}

const USUAL_COLUMNS = 80;

/** What fits into a line; off a terminal, and on one that does not say, what everybody can read. */
export function columnsOf({ columns }: Stream): number {
  return columns === undefined || columns === 0 ? USUAL_COLUMNS : columns;
}

function hasColors(stream: Stream, env: NodeJS.ProcessEnv): boolean {
  return isTerminal(stream) && !env["NO_COLOR"] && env["TERM"] !== "dumb";
}
