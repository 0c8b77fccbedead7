// Every rack and host that was ever seen (seed 004's `racks` and `rack:<rack>`): a record for people, which nothing waits for.
import type { RedisClient } from "../../redis/redis-connection.ts";
import type { Newcomer } from "./change-log.ts";
import { RACKS, rackKey } from "./keys.ts";

/** Hosts remembered as recorded already. */
const MOST_KNOWN = 100_000;

export function createRackRecords(client: RedisClient) {
  const known = new Set<string>();

  function isNew({ rack, host }: Newcomer): boolean {
    const key = `${rack} ${host}`;
    if (known.has(key)) return false;
    if (known.size >= MOST_KNOWN) known.clear();
    known.add(key);
    return true;
  }

  return {
    add(newcomers: readonly Newcomer[]): void {
      const byRack = Map.groupBy(newcomers.filter(isNew), ({ rack }) => rack);
      for (const [rack, hosts] of byRack) {
        const writes = [client.sadd(RACKS, rack), client.sadd(rackKey(rack), ...hosts.map(({ host }) => host))];
        // What was not recorded is recorded when the host is next new to a swarm.
        Promise.all(writes).catch(() => hosts.forEach(({ host }) => known.delete(`${rack} ${host}`)));
      }
    },
  };
}
