// The command's coded errors: what a user may be told, and the exit code each ends the process with.

export const EXIT_CODES = { done: 0, failed: 1, usage: 2, timedOut: 3, interrupted: 130 } as const;

type Outcome = Exclude<keyof typeof EXIT_CODES, "done">;

/** Every error a user can meet. Messages are made where the fault is known; the outcome belongs to the code. */
export const COMMAND_ERRORS = {
  USAGE: "usage",
  PATH_MISSING: "failed",
  PATH_UNREADABLE: "failed",
  PATH_UNWRITABLE: "failed",
  PAYLOAD_EMPTY: "failed",
  PAYLOAD_UNSUPPORTED: "failed",
  PAYLOAD_CHANGED: "failed",
  HASHING_FAILED: "failed",
  TORRENT_MALFORMED: "failed",
  TORRENT_NOT_PRIVATE: "failed",
  TRACKER_UNREACHABLE: "failed",
  TRACKER_FAILED: "failed",
  TRACKER_REFUSED: "failed",
  NOT_AUTHORIZED: "failed",
  NAME_TAKEN: "failed",
  TRANSFER_UNKNOWN: "failed",
  TRANSFER_AMBIGUOUS: "failed",
  TRANSFER_NOT_ACTIVE: "failed",
  ACCOUNTING_OFF: "failed",
  KEY_ISSUED: "failed",
  KEY_UNKNOWN: "failed",
  TOPOLOGY_FINDINGS: "failed",
  TARGETS_UNKNOWN: "failed",
  TARGETS_EMPTY: "failed",
  ORIGIN_UNKNOWN: "failed",
  DEPLOY_RUNNING: "failed",
  DEPLOY_INCOMPLETE: "failed",
  ROLLBACK_IMPOSSIBLE: "failed",
  ANSIBLE_MISSING: "failed",
  ANSIBLE_FAILED: "failed",
  SETUP_INCOMPLETE: "failed",
  CONFIG_FINDINGS: "failed",
  PLAN_OVER_BUDGET: "failed",
  PLAN_TOO_SLOW: "failed",
  DOCTOR_FINDINGS: "failed",
  RTORRENT_MISSING: "failed",
  RTORRENT_FAILED: "failed",
  RTORRENT_UNREACHABLE: "failed",
  RTORRENT_REFUSED: "failed",
  TIMED_OUT: "timedOut",
  INTERRUPTED: "interrupted",
} as const satisfies Record<string, Outcome>;

export type CommandErrorCode = keyof typeof COMMAND_ERRORS;

/** A failure that is told to the user as it is: the message names the thing and the remedy. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly code: CommandErrorCode;

  constructor(code: CommandErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get exitCode(): number {
    return EXIT_CODES[COMMAND_ERRORS[this.code]];
  }
}

/** Whether nothing that is a tracker answered: it may come back, and hosts go on without it. */
export function isTrackerAway(error: unknown): boolean {
  return error instanceof CommandError && (error.code === "TRACKER_UNREACHABLE" || error.code === "TRACKER_FAILED");
}

/** The `code` of a Node.js system error, such as `ENOENT`. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
