// Storage of a tracker by itself: swarms in memory with snapshots, transfers in SQLite, both in its data folder.
import { openDataFolder } from "../data-folder.ts";
import { startJobs } from "../jobs/jobs.ts";
import { LEADS_ALWAYS } from "../jobs/leadership.ts";
import { createMemoryDirectory } from "../live/memory-directory.ts";
import { openSqliteRegistry } from "../registry/sqlite-registry.ts";
import { startSnapshotSchedule } from "../snapshot-schedule.ts";
import { StartupError } from "../startup-error.ts";
import { createMemoryStore, type MemoryStore } from "../store/memory-store.ts";
import { openSnapshots } from "../store/snapshots.ts";
import type { InfoHash } from "../swarm/identifiers.ts";
import { SWEEP_SCHEDULE } from "./schedules.ts";
import { closeAll, type Storage, type StorageParts } from "./storage.ts";

export interface EmbeddedStorageSettings {
  readonly dataDir: string;
  readonly snapshotEverySeconds: number;
}

const NO_SWARM = "0".repeat(40) as InfoHash;

/** Throws `StartupError` and `RegistryError`; nothing is left open then. */
export async function openEmbeddedStorage(settings: EmbeddedStorageSettings, parts: StorageParts): Promise<Storage> {
  const closing: (() => unknown)[] = [];
  try {
    return open(settings, parts, closing);
  } catch (error) {
    await closeAll(closing);
    throw error;
  }
}

function open(
  { dataDir, snapshotEverySeconds }: EmbeddedStorageSettings,
  parts: StorageParts,
  closing: (() => unknown)[],
): Storage {
  const { log, now, elapsed } = parts;
  const folder = openDataFolder(dataDir);
  closing.push(() => folder.close());

  const registry = openSqliteRegistry(folder.file("registry.sqlite"), { log });
  closing.push(() => registry.close());

  const store = openStore(folder.file("swarms.sqlite"), parts);
  closing.push(() => store.close());

  const saving = startSnapshotSchedule({
    everySeconds: snapshotEverySeconds,
    save: () => store.save(now()),
    onError: (err) => log.error({ err }, "the swarms could not be saved; free space in DATA_DIR"),
    elapsed,
  });
  closing.push(() => saving.close());

  const jobs = startJobs({
    jobs: [{ name: "sweep", schedule: SWEEP_SCHEDULE, run: () => store.sweep(now()) }],
    leadership: LEADS_ALWAYS,
    onError: (err, job) => log.error({ err, job }, "a job failed; it runs again when it is due"),
  });
  closing.push(() => jobs.close());

  const checks = { registry: () => registry.list(), store: () => store.scrape(NO_SWARM) };
  return {
    store,
    registry,
    ledger: { kind: "sqlite", file: folder.file("accounting.sqlite") },
    live: createMemoryDirectory(),
    checks,
    openChannel: undefined,
    close: () => closeAll(closing),
  };
}

function openStore(file: string, { policy, random, codec, now }: StorageParts): MemoryStore {
  try {
    return createMemoryStore({ policy, random, addressText: codec.text, snapshots: openSnapshots(file) }, now());
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StartupError("SNAPSHOTS_UNREADABLE", `the snapshots in ${file} cannot be read (${why})`, { cause });
  }
}
