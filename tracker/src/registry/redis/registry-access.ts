// Every command and script of the registry goes to Redis by here, and what goes wrong comes back as a `RegistryError`.
import { explainRedisError } from "../../redis/explanation.ts";
import type { RedisClient } from "../../redis/redis-connection.ts";
import { createScript, type ScriptArgument } from "../../redis/script.ts";
import { RegistryError } from "../errors.ts";
import type { RegistryKey } from "./registry-keys.ts";

export type RunScript = (keys: readonly RegistryKey[], args: readonly ScriptArgument[]) => Promise<unknown>;

/** All of it throws `REGISTRY_AWAY` within 0.8 s, and `REGISTRY_FOREIGN` naming the key. */
export interface RegistryAccess {
  /** One command, on one key. */
  ask<Reply>(key: RegistryKey, command: (client: RedisClient, name: string) => Promise<Reply>): Promise<Reply>;
  /** A script of `registry/lua`, by its name without `.lua`. */
  script(name: string): RunScript;
}

export function createRegistryAccess(client: RedisClient): RegistryAccess {
  async function told<Reply>(keys: readonly RegistryKey[], call: () => Promise<Reply>): Promise<Reply> {
    try {
      return await call();
    } catch (error) {
      throw isForeign(error) ? await foreignKey(client, keys, error) : tellRegistryError(error);
    }
  }

  return {
    ask: (key, command) => told([key], () => command(client, key.name)),
    script(name) {
      const script = createScript(client, new URL(`../lua/${name}.lua`, import.meta.url));
      const names = (keys: readonly RegistryKey[]) => keys.map((key) => key.name);
      return (keys, args) => told(keys, () => script.run(names(keys), args));
    },
  };
}

/** `what` is wrong with the key's value, as in `holds a list where the registry keeps a set`. */
export function foreignData(key: RegistryKey, what: string, options?: ErrorOptions): RegistryError {
  const remedy = "give the tracker a database of its own, or move that key away by RENAME if it is no tracker's";
  return new RegistryError("REGISTRY_FOREIGN", `The key ${key.name} in Redis ${what}; ${remedy}.`, options);
}

/** Throws `REGISTRY_FOREIGN` for the first of the keys that is of another type. */
export async function checkTypes(client: RedisClient, keys: readonly RegistryKey[]): Promise<void> {
  const fault = await findForeign(client, keys).catch((error: unknown) => {
    throw tellRegistryError(error);
  });
  if (fault !== undefined) throw fault;
}

async function findForeign(
  client: RedisClient,
  keys: readonly RegistryKey[],
  options?: ErrorOptions,
): Promise<RegistryError | undefined> {
  const types = await Promise.all(keys.map((key) => client.type(key.name)));
  for (const [index, key] of keys.entries()) {
    const type = types[index] ?? "none";
    if (type !== "none" && type !== key.type)
      return foreignData(key, `holds a ${type} where the registry keeps a ${key.type}`, options);
  }
  return undefined;
}

function isForeign(error: unknown): boolean {
  return error instanceof Error && /WRONGTYPE|not an integer/.test(error.message);
}

async function foreignKey(client: RedisClient, keys: readonly RegistryKey[], cause: unknown): Promise<unknown> {
  const found = await findForeign(client, keys, { cause }).catch(tellRegistryError);
  const counter = keys.find(({ type }) => type === "string");
  return found ?? (counter ? foreignData(counter, "holds text where the registry counts", { cause }) : cause);
}

/** `REGISTRY_AWAY` for what Redis or its client fails with for a known reason. */
export function tellRegistryError(error: unknown): unknown {
  if (error instanceof RegistryError) return error;
  const why = explainRedisError(error);
  if (why === undefined) return withoutArguments(error);
  return new RegistryError("REGISTRY_AWAY", `The registry cannot be reached now: ${why}.`, { cause: error });
}

/** ioredis keeps a command's arguments, a whole torrent, beside its error. */
function withoutArguments(error: unknown): unknown {
  return error instanceof Error ? new Error(error.message) : error;
}
