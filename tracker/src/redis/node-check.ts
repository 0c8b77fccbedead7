// Whether one Redis server can be trusted with swarms, by what it says of itself. Pure.
import { RedisError, type RedisErrorCode } from "./errors.ts";
import { isOlderVersion } from "./redis-info.ts";

/** Lua scripts that see one clock and replies of both protocols need it. */
const OLDEST_VERSION = "6.2";
const ALL_SLOTS = 16_384;

/** `info` is all of INFO. Returns the first thing to refuse it for. */
export function refuseNode(info: ReadonlyMap<string, string>, place: string): RedisError | undefined {
  const refuse = (code: RedisErrorCode, seen: string) => new RedisError(code, { place, seen });
  const version = info.get("redis_version") ?? "";
  if (version !== "" && isOlderVersion(version, OLDEST_VERSION)) return refuse("TOO_OLD", `it is ${version}`);
  if (info.get("role") === "slave") {
    return refuse("READ_ONLY", `its master is ${info.get("master_host")}:${info.get("master_port")}`);
  }
  const limit = Number(info.get("maxmemory") ?? 0);
  const policy = info.get("maxmemory_policy") ?? "noeviction";
  if (limit > 0 && policy !== "noeviction") return refuse("EVICTS", `maxmemory-policy is ${policy}`);
  const used = Number(info.get("used_memory") ?? 0);
  return limit > 0 && used >= limit ? refuse("MEMORY_FULL", `${used} of ${limit} bytes`) : undefined;
}

/** What is no reason to refuse it, each with the remedy. */
export function warningsOf(info: ReadonlyMap<string, string>, hasReplicas: boolean): string[] {
  const warnings: string[] = [];
  if (info.get("aof_enabled") === "0") {
    warnings.push("keeps writes in memory only, and loses them when it ends; set `appendonly yes`");
  }
  if (hasReplicas && !info.has("min_slaves_good_slaves")) {
    warnings.push(
      "goes on taking writes when it is cut off from its replicas, and loses them; set `min-replicas-to-write 1`",
    );
  }
  return warnings;
}

/** `info` is that of CLUSTER INFO. */
export function refuseCluster(info: ReadonlyMap<string, string>, place: string): RedisError | undefined {
  const state = info.get("cluster_state");
  const served = Number(info.get("cluster_slots_ok") ?? 0);
  if (state === "ok" && served === ALL_SLOTS) return undefined;
  return new RedisError("CLUSTER_DOWN", { place, seen: `state ${state}, ${served} of ${ALL_SLOTS} slots served` });
}
