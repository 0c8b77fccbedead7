// Can a Redis be trusted with swarms? By the same signs as the tracker goes at its start.
import { systemErrorCode } from "../errors.ts";
import { type Check, failed, type Finding, ok, warning } from "./check.ts";
import { askRedis } from "./redis-conversation.ts";

const OLDEST = [6, 2] as const;

export function redis(url: URL): Check {
  const place = `Redis at ${url.hostname}:${url.port || "6379"}`;
  return {
    name: "redis",
    run: async (signal) => {
      try {
        return judgeRedis(place, await askRedis(url, "INFO", signal));
      } catch (error) {
        signal.throwIfAborted();
        const reason = systemErrorCode(error) ?? (error instanceof Error ? error.message : String(error));
        return failed(
          `${place}: ${reason}`,
          "Start it, or correct --redis-url and its password (REDIS_PASSWORD); rediss: speaks TLS.",
        );
      }
    },
  };
}

/** `text` is the reply of INFO. */
export function judgeRedis(place: string, text: string): Finding {
  const info = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(text)?.[1] ?? "";
  const version = info("redis_version");
  if (version === "") return warning(`${place} does not say its version to this user`, "Grant it +info.");
  if (isTooOld(version)) return failed(`${place} is ${version}`, "Run Redis 6.2 or later.");
  if (info("role") === "slave")
    return failed(`${place} is a read-only replica`, "Name its master, or its Sentinels to the tracker.");
  const policy = info("maxmemory_policy");
  const remedy = "Set maxmemory-policy noeviction: what it evicts is the order of the swarms.";
  if (policy !== "noeviction" && Number(info("maxmemory")) > 0)
    return failed(`${place} evicts keys: ${policy}`, remedy);
  if (policy !== "noeviction") return warning(`${place} would evict keys once maxmemory is set: ${policy}`, remedy);
  if (info("aof_enabled") === "0") return warning(`${place} keeps writes in memory only`, "Set appendonly yes.");
  return ok(`${place} is ${version}, keeps its writes, and evicts nothing`);
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}
