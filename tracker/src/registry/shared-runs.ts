// Many callers of one thing that must not run twice at a time: whoever calls while it runs shares the next run.

/** A run that fails fails those that wait for the next one, too: nobody waits for the same failure twice. */
export function shareRuns(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  async function start(): Promise<void> {
    next = undefined;
    const started = run().finally(() => {
      if (running === started) running = undefined;
    });
    running = started;
    return started;
  }

  function fail(error: unknown): never {
    next = undefined;
    throw error;
  }

  return async () => {
    if (next !== undefined) return next;
    if (running === undefined) return start();
    next = running.then(start, fail);
    return next;
  };
}
