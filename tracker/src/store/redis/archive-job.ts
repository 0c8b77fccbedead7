// Completes archives, whoever began them, and forgets those that expired.
import type { RedisClient } from "../../redis/redis-connection.ts";
import type { InfoHash } from "../../swarm/identifiers.ts";
import type { SwarmArchive } from "./archive.ts";
import { archiveNameText, ARCHIVES, FIXED_KEYS, parseArchiveName } from "./archive-keys.ts";
import { SWARM_KEYS, swarmPrefix, TRANSFERS } from "./keys.ts";

export interface ArchiveJobParts {
  readonly client: RedisClient;
  readonly archive: SwarmArchive;
}

/** Of each kind of work, in one run. */
const AT_A_TIME = 100;

/**
 * One run: `now` in milliseconds since the epoch. What another tracker does meanwhile is no harm, so it needs no fencing token. Rejects with
 * the first failure, having tried the rest.
 */
export function createArchiveJob({ client, archive }: ArchiveJobParts) {
  let cursor = "0";

  async function completePending(signal: AbortSignal): Promise<void> {
    const failures: unknown[] = [];
    for (const text of await client.zrangebyscore(ARCHIVES, 0, 0, "LIMIT", 0, AT_A_TIME)) {
      try {
        await complete(text, signal);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  async function complete(text: string, signal: AbortSignal): Promise<void> {
    const name = parseArchiveName(text);
    if (name === undefined) return void (await client.zrem(ARCHIVES, text));
    while (!signal.aborted && !(await archive.continue(name)));
  }

  /** Unlinked keys are freed beside Redis' own work. The many small ones Redis lets expire by itself. */
  async function forgetExpired(now: number): Promise<void> {
    for (const text of await client.zrangebyscore(ARCHIVES, "(0", now, "LIMIT", 0, AT_A_TIME)) {
      const name = parseArchiveName(text);
      if (name !== undefined) {
        const prefix = `${archiveNameText(name)}:`;
        await client.unlink(...[...FIXED_KEYS, SWARM_KEYS.transfer].map((key) => prefix + key));
      }
      await client.zrem(ARCHIVES, text);
    }
  }

  /** Swarms of transfers that are not active: a tracker died between deactivating one and archiving it. */
  async function archiveForgotten(now: number): Promise<void> {
    const [next, hashes] = await client.sscan(TRANSFERS, cursor, "COUNT", AT_A_TIME);
    cursor = next;
    await Promise.all(hashes.map(async (hash) => beginForgotten(hash.toLowerCase() as InfoHash, now)));
  }

  async function beginForgotten(infoHash: InfoHash, now: number): Promise<void> {
    const prefix = swarmPrefix(infoHash);
    const isThere = await client.exists(prefix + SWARM_KEYS.swarm);
    if (isThere === 0) return;
    const state = await client.hget(prefix + SWARM_KEYS.transfer, "state");
    if (state !== "active") await archive.begin(infoHash, now);
  }

  return async function run(now: number, signal: AbortSignal): Promise<void> {
    await archiveForgotten(now);
    await completePending(signal);
    if (!signal.aborted) await forgetExpired(now);
  };
}
