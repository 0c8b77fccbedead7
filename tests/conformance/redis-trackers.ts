// Several trackers' stores on one Redis, behind one SwarmStore: each announce goes to any of them, as behind a load balancer.
import { expect } from "vitest";
import type { RedisClient } from "../../tracker/src/redis/redis-connection.ts";
import { createRedisStore } from "../../tracker/src/store/redis/redis-store.ts";
import type { SwarmStore } from "../../tracker/src/store/swarm-store.ts";
import type { SwarmPolicy } from "../../tracker/src/swarm/policy.ts";
import { findHostAddress, hostAddressText } from "../../tracker/src/wire/compact-address.ts";

let trackers = 0;
/** Trackers wait so much longer for their turn here: what is held must not hang on how busy the machine is. */
const CLOCK_SLOWER = 4;

export function createTrackerStore(client: RedisClient, policy: SwarmPolicy, random: () => number): SwarmStore {
  return createRedisStore({
    client,
    policy,
    random,
    codec: { text: hostAddressText, parse: findHostAddress },
    trackerName: `tracker-${++trackers}`,
    elapsed: () => performance.now() / CLOCK_SLOWER,
    explain: (error) => String((error as Error | undefined)?.stack ?? "no answer in time"),
    archive: async () => {},
  });
}

/** Every look at a swarm is taken through all trackers, and through one that has just been started: all must see the same. */
export function createTrackers(
  client: RedisClient,
  policy: SwarmPolicy,
  { count, random }: { count: number; random: () => number },
): SwarmStore {
  const stores = Array.from({ length: count }, () => createTrackerStore(client, policy, random));
  // A choice that leaves the policy's own random numbers alone.
  let turn = 0;
  let announces = 0;
  let pending = 0;
  const any = () => {
    turn = (Math.imul(turn, 1_103_515_245) + 12_345) >>> 0;
    return stores[(turn >>> 16) % count]!;
  };
  return {
    async announce(request) {
      announces++;
      pending++;
      const outcome = await any().announce(request);
      pending--;
      return outcome;
    },
    scrape: (infoHash) => any().scrape(infoHash),
    async inspect(infoHash, now) {
      // While announces come in, each look is at another instant.
      if (pending > 0) return any().inspect(infoHash, now);
      const before = announces;
      const fresh = createTrackerStore(client, policy, random);
      const [first, ...others] = await Promise.all(
        [...stores, fresh].map(async (store) => store.inspect(infoHash, now)),
      );
      if (announces === before) for (const other of others) expect(other).toEqual(first);
      return first ?? [];
    },
    explain: (infoHash, host, now) => any().explain(infoHash, host, now),
    sweep: (now) => any().sweep(now),
    async drop(infoHash) {
      await Promise.all(stores.map(async (store) => store.drop(infoHash)));
    },
    async close() {
      await Promise.all(stores.map(async (store) => store.close()));
    },
  };
}
