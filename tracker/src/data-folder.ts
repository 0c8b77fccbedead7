// The folder that a tracker keeps its files in, held by one tracker at a time.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StartupError } from "./startup-error.ts";

export interface DataFolder {
  file(name: string): string;
  /** Lets another tracker have the folder. */
  close(): void;
}

const LOCK_FILE = "lock.sqlite";
const HOLDER_FILE = "tracker.pid";

/**
 * Makes the folder when it is not there. Throws `DATA_DIR_UNUSABLE` and `DATA_DIR_TAKEN`.
 *
 * The lock is SQLite's on a file, which the kernel lets go of however its holder dies, and which holds between
 * containers that number their processes alike; the pid beside it is for people.
 */
export function openDataFolder(path: string): DataFolder {
  const folder = resolve(path);
  const file = (name: string) => join(folder, name);
  const lock = takeLock(folder, file);
  return {
    file,
    close() {
      rmSync(file(HOLDER_FILE), { force: true });
      lock.close();
    },
  };
}

function takeLock(folder: string, file: DataFolder["file"]): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    makeFolder(folder);
    lock = new DatabaseSync(file(LOCK_FILE), { timeout: 0 });
    lock.exec("BEGIN EXCLUSIVE");
    writeFileSync(file(HOLDER_FILE), `${process.pid}\n`);
    return lock;
  } catch (error) {
    lock?.close();
    if (isBusy(error))
      throw new StartupError("DATA_DIR_TAKEN", `${folder} is in use by ${holder(file)}`, { cause: error });
    const why = error instanceof Error ? error.message : String(error);
    throw new StartupError("DATA_DIR_UNUSABLE", `the data folder ${folder} cannot be used (${why})`, { cause: error });
  }
}

/** Not `recursive`, which never returns where the file system answers ENOENT to a folder whose parent exists (/proc). */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}

function holder(file: DataFolder["file"]): string {
  try {
    return `the tracker with pid ${readFileSync(file(HOLDER_FILE), "utf8").trim()}`;
  } catch {
    return "another tracker";
  }
}
