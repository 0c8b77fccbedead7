// One lookup under way, shared by all who wait for it, each of them only so long.

export interface Flight<T> {
  /** The outcome, or undefined if that is not there `waitMs` after the start; at once when that is past. Never rejects. */
  within(waitMs: number): Promise<T | undefined> | undefined;
  /** Gives all who wait undefined. */
  release(): void;
}

/** `landing` is the lookup with all that is to be done of its outcome, and must not reject; `now` tells milliseconds. */
export function startFlight<T>(landing: Promise<T>, now: () => number): Flight<T> {
  const startedAt = now();
  const released = Promise.withResolvers<undefined>();
  const end = Promise.race([landing, released.promise]);

  function within(waitMs: number): Promise<T | undefined> | undefined {
    const leftMs = startedAt + waitMs - now();
    if (leftMs <= 0) return undefined;
    if (leftMs === Number.POSITIVE_INFINITY) return end;
    const { promise, resolve } = Promise.withResolvers<T | undefined>();
    const timer = setTimeout(() => resolve(undefined), leftMs);
    void end.then((outcome) => {
      clearTimeout(timer);
      resolve(outcome);
    });
    return promise;
  }

  return { within, release: () => released.resolve(undefined) };
}
