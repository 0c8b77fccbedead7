// What bans are refused with. Every message names the thing and the remedy.

/** Every code of this folder with what it stands for. All of them are tellable. */
export const BAN_ERRORS = {
  BAN_MALFORMED: "text that names no info-hash, no range of addresses or no client",
  BAN_IN_FILE: "the ban file has the ban, so that only an edit of it changes it",
  BAN_FILE_UNREADABLE: "the ban file could not be read",
  BAN_FILE_FAULTY: "lines of the ban file that are no bans",
} as const;

export type BanErrorCode = keyof typeof BAN_ERRORS;

/** The only error that functions of this folder throw on purpose. */
export class BanError extends Error {
  override readonly name = "BanError";
  readonly code: BanErrorCode;

  constructor(code: BanErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** One line of the ban file that is wrong. */
export interface BanFault {
  /** `bans.txt:12`. */
  readonly source: string;
  readonly text: string;
  readonly problem: string;
  readonly remedy: string;
}

/** A file of a hundred thousand bad lines must not become a log message of ten megabytes. */
const MOST_FAULTS_IN_MESSAGE = 100;
const MOST_TEXT_IN_FAULT = 120;

export function banFileFaulty(file: string, faults: readonly BanFault[]): BanError {
  const lines = faults.slice(0, MOST_FAULTS_IN_MESSAGE).map((fault) => `\n  ${printFault(fault)}`);
  const unlisted = faults.length - lines.length;
  if (unlisted > 0) lines.push(`\n  and ${unlisted} more`);
  const count = faults.length === 1 ? "a fault" : `${faults.length} faults`;
  return new BanError("BAN_FILE_FAULTY", `${file} has ${count}; correct the lines listed:${lines.join("")}`);
}

function printFault({ source, text, problem, remedy }: BanFault): string {
  const shown = text.length > MOST_TEXT_IN_FAULT ? `${text.slice(0, MOST_TEXT_IN_FAULT)}…` : text;
  return `${source}: ${JSON.stringify(shown)}: ${problem}; ${remedy}`;
}
