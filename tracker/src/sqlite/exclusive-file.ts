// A SQLite file that this process alone has open, and whose every commit is on the disk.
import { DatabaseSync } from "node:sqlite";
import { migrate } from "./migration.ts";

/** How long to wait for a tracker that is just going down to let go of the file. */
const LOCK_WAIT_MS = 2000;

/** Made when it is not there, and brought up to date by `steps`. Throws `NewerFileError` and what node:sqlite throws; nothing is left open then. */
export function openExclusively(file: string, steps: readonly string[]): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: LOCK_WAIT_MS });
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    migrate(database, steps);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
