// Brings the tables of a SQLite file up to date, and changes several of them as one.
import type { DatabaseSync } from "node:sqlite";

/** The file has taken more steps than are known. */
export class NewerFileError extends Error {
  override readonly name = "NewerFileError";
}

/**
 * Takes the steps that are missing, each wholly or not at all; the file's `user_version` counts those it has taken. Steps are append only: one
 * that was ever released never changes. Throws `NewerFileError`.
 */
export function migrate(database: DatabaseSync, steps: readonly string[]): void {
  const taken = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (taken > steps.length) {
    throw new NewerFileError(`was written by a newer version (${taken} steps, known are ${steps.length})`);
  }
  for (const [index, step] of steps.entries()) {
    if (index >= taken) inTransaction(database, () => database.exec(`${step} PRAGMA user_version = ${index + 1}`));
  }
}

export function inTransaction<Result>(database: DatabaseSync, change: () => Result): Result {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = change();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // A failed COMMIT may have ended the transaction already.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

const SQLITE_BUSY = 5;

/** Whether a call failed because another process has the file. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}
