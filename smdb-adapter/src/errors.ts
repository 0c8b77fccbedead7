// The coded errors of this package. Each one says what is wrong and what to do next.

/** What a `TopologyError` can be, and the remedy that its message ends in unless the thrower knows a closer one. */
export const TOPOLOGY_ERRORS = {
  /** A text that should be an IP address is none. */
  ADDRESS_MALFORMED: "write an IPv4 address such as 10.77.1.5 or an IPv6 address such as 2001:db8::5, without a zone",
  /** Prefixes given to a resolver contradict each other or are malformed; `faults` lists them all. */
  TOPOLOGY_PREFIXES_FAULTY: "correct the entries listed",
  /** A topology file was read and refused; `faults` lists everything that is wrong with it. */
  TOPOLOGY_FILE_FAULTY: "correct the lines listed",
  /** A topology file could not be read at all. */
  TOPOLOGY_FILE_UNREADABLE: "check that the file exists, is UTF-8 text and may be read by this user",
  /** A resolver's settings contradict each other or name what is not there; `faults` lists them all. */
  RESOLVER_SETTINGS_FAULTY: "correct the settings listed",
  /** A resolver failed to answer; `cause` is what it failed of. */
  RESOLVER_FAILED: "check that the service behind this resolver is up; known addresses keep their last answer",
  /** A resolver was not asked, as too many others waited for it. */
  RESOLVER_BUSY: "let it be asked more at a time (connections, concurrency), or have quicker answers",
} as const;

export type TopologyErrorCode = keyof typeof TOPOLOGY_ERRORS;

/** One thing that is wrong with one entry of a file or a configuration. */
export interface TopologyFault {
  /** Where: `topology.txt:12`, or the name of a setting. */
  readonly source: string;
  /** The offending text as it was written. */
  readonly text: string;
  readonly problem: string;
  readonly remedy: string;
}

interface TopologyErrorDetails {
  readonly code: TopologyErrorCode;
  /** What is wrong, naming the thing; the remedy is added. */
  readonly problem: string;
  readonly remedy?: string;
  readonly faults?: readonly TopologyFault[];
  readonly cause?: unknown;
}

/** Any failure of this package. Its message may be shown to a user. */
export class TopologyError extends Error {
  readonly code: TopologyErrorCode;
  /** Every fault at once, in the order of the source; empty unless the code says otherwise. */
  readonly faults: readonly TopologyFault[];
  /** What the message is made of. */
  readonly problem: string;
  readonly remedy: string;

  constructor(details: TopologyErrorDetails) {
    super(printError(details), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "TopologyError";
    this.code = details.code;
    this.problem = details.problem;
    this.remedy = details.remedy ?? TOPOLOGY_ERRORS[details.code];
    this.faults = details.faults ?? [];
  }
}

// A file of a hundred thousand bad lines must not become a log message of ten megabytes; `faults` has the rest.
const MOST_FAULTS_IN_MESSAGE = 100;
const MOST_TEXT_IN_FAULT = 120;

function printError({ code, problem, remedy, faults = [] }: TopologyErrorDetails): string {
  const lines = faults.slice(0, MOST_FAULTS_IN_MESSAGE).map((fault) => `\n  ${printFault(fault)}`);
  const unlisted = faults.length - lines.length;
  if (unlisted > 0) lines.push(`\n  and ${unlisted} more`);
  return `${problem}; ${remedy ?? TOPOLOGY_ERRORS[code]}${lines.length > 0 ? ":" : ""}${lines.join("")}`;
}

/** One line for a user: `topology.txt:12: "10.0.0.0/33 rack1": problem; remedy`. */
function printFault({ source, text, problem, remedy }: TopologyFault): string {
  const shown = text.length > MOST_TEXT_IN_FAULT ? `${text.slice(0, MOST_TEXT_IN_FAULT)}…` : text;
  return `${source}: ${JSON.stringify(shown)}: ${problem}; ${remedy}`;
}
