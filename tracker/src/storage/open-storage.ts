// Opens the storage that STORE names, and says whose the data folder should be when it is somebody else's.
import { RegistryError } from "../registry/errors.ts";
import { StartupError } from "../startup-error.ts";
import { type EmbeddedStorageSettings, openEmbeddedStorage } from "./embedded-storage.ts";
import { openRedisStorage, type RedisStorageSettings } from "./redis-storage.ts";
import type { Storage, StorageParts } from "./storage.ts";

export interface StorageSettings extends EmbeddedStorageSettings {
  readonly store: { readonly kind: "memory" } | ({ readonly kind: "redis" } & RedisStorageSettings);
  /** The user that it is opened as, where that is not the one who started the tracker (`RUN_AS`). */
  readonly runAs: string | undefined;
}

/** Throws `StartupError`, `RedisError` and `RegistryError`; nothing is left open then. */
export async function openStorage(settings: StorageSettings, parts: StorageParts): Promise<Storage> {
  const { store, dataDir, runAs } = settings;
  if (store.kind === "redis") return openRedisStorage(store, parts);
  return openEmbeddedStorage(settings, parts).catch((error: unknown) => {
    throw runAs !== undefined && isUnusable(error) ? notTheUsers(dataDir, runAs, error) : error;
  });
}

function isUnusable(error: unknown): error is StartupError | RegistryError {
  if (error instanceof RegistryError) return error.code === "REGISTRY_UNREADABLE";
  return error instanceof StartupError && (error.code === "DATA_DIR_UNUSABLE" || error.code === "SNAPSHOTS_UNREADABLE");
}

function notTheUsers(dataDir: string, runAs: string, cause: Error): StartupError {
  const why = cause.cause instanceof Error ? cause.cause.message : cause.message;
  return new StartupError("DATA_DIR_NOT_THE_USERS", `${runAs} cannot use the data folder ${dataDir} (${why})`, {
    cause,
  });
}
