// Work that is done whenever there is some, one piece after the other, and tried again when Redis fails it.

export interface PersistentLoop {
  /** There is work. */
  kick(): void;
  /** Resolves when the piece under way, if any, has ended; no other is begun. */
  close(): Promise<void>;
}

const RETRY_MS = 200;

/** `work` does one piece and says whether there is more; where it rejects it has lost nothing. */
export function createPersistentLoop(work: () => Promise<boolean>, onError: (error: unknown) => void): PersistentLoop {
  let running: Promise<void> | undefined;
  let wake: (() => void) | undefined;
  let isClosed = false;
  let isKicked = false;

  async function run(): Promise<void> {
    while (isKicked && !isClosed) {
      isKicked = false;
      try {
        if (await work()) isKicked = true;
      } catch (error) {
        isKicked = true;
        onError(error);
        await rest();
      }
    }
    running = undefined;
  }

  async function rest(): Promise<void> {
    await new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, RETRY_MS).unref();
    });
  }

  return {
    kick() {
      isKicked = true;
      // What comes in the same turn is done in one piece.
      running ??= Promise.resolve().then(run);
    },
    async close() {
      isClosed = true;
      wake?.();
      await running;
    },
  };
}
