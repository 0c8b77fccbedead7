// Keeps the bans of the ban file: read at the start, and again when it changes or when asked to.
import { resolve } from "node:path";
import { fileSignature, readTextFile, startFileWatch } from "@rackcast/smdb-adapter";
import { type FiledBan, parseBanFile } from "./ban-file.ts";
import { type BanIndex, createBanIndex } from "./ban-index.ts";
import { BanError } from "./errors.ts";

export interface BanFileOptions {
  readonly file: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Hears of every later reading of the file, never of the first. */
  readonly log: {
    error(details: object, message: string): void;
    info(details: object, message: string): void;
  };
  /** How long the file must stay unchanged before it is read again; default 200. */
  readonly settleMs?: number | undefined;
  /** How often to look where the system tells of no changes; default 5000. */
  readonly pollMs?: number | undefined;
}

export interface BanFile {
  readonly file: string;
  /** The bans in use; another object after each reading. */
  bans(): BanIndex<FiledBan>;
  /** Reads the file now, changed or not. Never rejects: what is wrong is logged, and the bans before stay. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** Rejects with `BAN_FILE_UNREADABLE` or `BAN_FILE_FAULTY` when the first reading fails. */
export async function startBanFile(options: BanFileOptions): Promise<BanFile> {
  const { file, now, log, settleMs = 200, pollMs = 5000 } = options;
  // Before the reading, so that a change during it counts as one.
  const signature = await fileSignature(file);
  let bans = createBanIndex(await readBanFile(file, now()));

  async function readAgain(): Promise<void> {
    try {
      const read = await readBanFile(file, now());
      const kept = bans;
      bans = createBanIndex(read.map((ban) => ({ ...ban, bannedAt: kept.find(ban)?.bannedAt ?? ban.bannedAt })));
      log.info({ file, banCount: read.length }, "bans read again");
    } catch (err) {
      log.error({ err }, "ban file refused; the bans before stay");
    }
  }

  // One after another, so that the last reading wins.
  let reading = Promise.resolve();
  function reload(): Promise<void> {
    reading = reading.then(readAgain);
    return reading;
  }

  const watching = startFileWatch({ file: resolve(file), onChange: reload, settleMs, pollMs }, signature);
  return {
    file,
    bans: () => bans,
    reload,
    async close() {
      watching.close();
      await reading;
    },
  };
}

async function readBanFile(file: string, now: number): Promise<readonly FiledBan[]> {
  return parseBanFile(await readText(file), file, now);
}

async function readText(file: string): Promise<string> {
  try {
    return await readTextFile(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy = "check that BAN_FILE exists, is UTF-8 text and may be read by this user";
    throw new BanError("BAN_FILE_UNREADABLE", `cannot read ${file}: ${reason}; ${remedy}.`, { cause });
  }
}
