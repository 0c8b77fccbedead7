// Keeps a tracker up to date with what others change, and goes on by itself whatever fails.

export interface FollowingOptions {
  readonly everyMs: number;
  readonly follow: () => Promise<void>;
  readonly log: { error(details: object, message: string): void } | undefined;
}

/** The first time is after `everyMs`. */
export function startFollowing({ everyMs, follow, log }: FollowingOptions): { close(): void } {
  const report = createReport(log, "the registry cannot follow other trackers; it tries again");
  let isClosed = false;
  let timer = schedule();

  function schedule(): NodeJS.Timeout {
    return setTimeout(() => void next(), everyMs).unref();
  }

  async function next(): Promise<void> {
    await follow().then(report.reset, (error: unknown) => {
      if (!isClosed) report.tell(error);
    });
    if (!isClosed) timer = schedule();
  }

  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

export interface Report {
  /** The same failure in a row is worth one line. */
  tell(error: unknown): void;
  reset(): void;
}

export function createReport(log: FollowingOptions["log"], message: string): Report {
  let told: string | undefined;
  return {
    tell(err) {
      const why = String(err);
      if (why !== told) log?.error({ err }, message);
      told = why;
    },
    reset: () => (told = undefined),
  };
}
