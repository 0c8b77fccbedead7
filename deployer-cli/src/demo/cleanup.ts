// What has to be undone when a piece of work ends, however it ends.

export interface Undoing {
  undo(): Promise<unknown>;
  /** For a process that exits at once and cannot wait. */
  undoNow(): void;
}

export interface Cleanup {
  add(undoing: Undoing): void;
  /** The last added first; a failure does not keep the others from being undone, and is thrown in the end. */
  run(): Promise<void>;
}

export function createCleanup(): Cleanup {
  const undoings: Undoing[] = [];
  const now = () => undoings.toReversed().forEach(({ undoNow }) => undoNow());
  process.once("exit", now);
  return {
    add: (undoing) => void undoings.push(undoing),
    async run() {
      const failures: unknown[] = [];
      while (undoings.length > 0) {
        await undoings
          .at(-1)
          ?.undo()
          .catch((error: unknown) => failures.push(error));
        undoings.pop();
      }
      process.removeListener("exit", now);
      if (failures.length > 0) throw new AggregateError(failures, "not everything could be cleaned up");
    },
  };
}
