// When swarms are saved: regularly, but never for more than a small share of the time.

export interface SnapshotScheduleOptions {
  readonly everySeconds: number;
  /** Takes as long as it takes, and may throw. */
  readonly save: () => void;
  /** A failed save: the next one comes all the same. */
  readonly onError: (error: unknown) => void;
  /** Milliseconds of a clock that nobody sets. */
  readonly elapsed: () => number;
}

export interface SnapshotSchedule {
  /** Saves a last time. */
  close(): void;
}

/** A save blocks announces, so it may take at most one part in this many of the time. */
const REST_PER_SAVE = 20;

export function startSnapshotSchedule(options: SnapshotScheduleOptions): SnapshotSchedule {
  const { everySeconds, save, onError, elapsed } = options;
  let timer: NodeJS.Timeout | undefined;

  function saveTimed(): number {
    const before = elapsed();
    try {
      save();
    } catch (error) {
      onError(error);
    }
    return elapsed() - before;
  }

  function next(tookMs: number): void {
    const waitMs = Math.max(everySeconds * 1000, REST_PER_SAVE * tookMs);
    timer = setTimeout(() => next(saveTimed()), waitMs).unref();
  }

  next(0);
  return {
    close() {
      clearTimeout(timer);
      saveTimed();
    },
  };
}
