// One lookup under way, shared by all who wait for it, none of them longer than its deadline.

export interface Flight<T> {
  /** The lookup's outcome, or what `late` said when the deadline came first. Never rejects. */
  readonly outcome: Promise<T>;
  /** Whether the deadline has passed; who comes now need not wait at all. */
  readonly overdue: boolean;
  /** Answers all who wait with what `late` says. */
  release(): void;
}

export interface FlightOptions<T> {
  /** The lookup with all that is to be done of its outcome; must not reject. */
  readonly landing: Promise<T>;
  /** The answer for those who can wait no longer. */
  readonly late: () => T;
  readonly timeoutMs: number;
  /** From the deadline on; then `abandon` is called if the lookup has not ended. */
  readonly abandonMs: number;
  readonly abandon: () => void;
}

export function startFlight<T>({ landing, late, timeoutMs, abandonMs, abandon }: FlightOptions<T>): Flight<T> {
  const { promise: outcome, resolve } = Promise.withResolvers<T>();
  let overdue = false;
  let timer = setTimeout(() => {
    release();
    timer = setTimeout(abandon, abandonMs).unref();
  }, timeoutMs);

  function release(): void {
    clearTimeout(timer);
    overdue = true;
    resolve(late());
  }

  void landing.then((landed) => {
    clearTimeout(timer);
    resolve(landed);
  });
  return {
    outcome,
    get overdue() {
      return overdue;
    },
    release,
  };
}
