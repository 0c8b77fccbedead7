// The course of every active transfer, for people: `redis-cli xrevrange {HASH}:statistics + - COUNT 10`.
import type { RedisClient } from "../../redis/redis-connection.ts";
import { createScript } from "../../redis/script.ts";
import type { InfoHash } from "../../swarm/identifiers.ts";
import { ACTIVE_TRANSFERS, SWARM_KEYS, swarmPrefix } from "./keys.ts";

/** A day of them, one every ten seconds. */
const MOST_ENTRIES = 8640;
const AT_A_TIME = 100;
const { transfer, statistics, peers, representatives, seeders, leechers } = SWARM_KEYS;

/** One run: `now` in milliseconds since the epoch, `token` the fencing token of whoever runs it. */
export function createStatisticsJob(client: RedisClient) {
  const record = createScript(client, new URL("../lua/record-statistics.lua", import.meta.url));

  async function recordOne(infoHash: InfoHash, now: number, token: number): Promise<void> {
    const prefix = swarmPrefix(infoHash);
    const keys = [transfer, statistics, peers, representatives, seeders, leechers].map((key) => prefix + key);
    await record.run(keys, [token, new Date(now).toISOString(), MOST_ENTRIES]);
  }

  return async function run(now: number, token: number, signal: AbortSignal): Promise<void> {
    let cursor = "0";
    const failures: unknown[] = [];
    do {
      const [next, hashes] = await client.sscan(ACTIVE_TRANSFERS, cursor, "COUNT", AT_A_TIME);
      cursor = next;
      const records = hashes.map(async (hash) => recordOne(hash.toLowerCase() as InfoHash, now, token));
      for (const outcome of await Promise.allSettled(records)) {
        if (outcome.status === "rejected") failures.push(outcome.reason);
      }
    } while (cursor !== "0" && !signal.aborted);
    if (failures.length > 0) throw failures[0];
  };
}
