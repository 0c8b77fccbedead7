// What a check is, what it finds, and how findings are made.

export type Status = "ok" | "warning" | "failed" | "skipped";

export interface Finding {
  readonly status: Status;
  /** What was seen, with the name of the thing. */
  readonly seen: string;
  /** What to do; undefined where nothing is. */
  readonly remedy: string | undefined;
}

export interface Check {
  /** `tracker: ready`. */
  readonly name: string;
  /** May reject: then it could not be checked, and that is what is found. Gives up when the signal aborts. */
  run(signal: AbortSignal): Promise<Finding>;
}

export interface CheckResult extends Finding {
  readonly check: string;
  readonly seconds: number;
}

export function ok(seen: string): Finding {
  return { status: "ok", seen, remedy: undefined };
}

export function warning(seen: string, remedy: string): Finding {
  return { status: "warning", seen, remedy };
}

export function failed(seen: string, remedy: string): Finding {
  return { status: "failed", seen, remedy };
}

/** Cannot be checked here; `remedy` says what it would take, if anything. */
export function skipped(seen: string, remedy?: string): Finding {
  return { status: "skipped", seen, remedy };
}

/** Checks that have nothing to say while something is away: another check says that. Asked for once, and together. */
export function unlessAway(what: string, isThere: () => Promise<boolean>, checks: readonly Check[]): Check[] {
  let asked: Promise<boolean> | undefined;
  return checks.map(({ name, run }) => ({
    name,
    run: async (signal) => ((await (asked ??= isThere())) ? run(signal) : skipped(`${what} does not answer`)),
  }));
}
