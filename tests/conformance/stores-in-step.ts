// The memory store and a Redis store fed the same announces with the same random numbers: both must answer the same and stand the same.
import { expect } from "vitest";
import type { RedisClient } from "../../tracker/src/redis/redis-connection.ts";
import { createMemoryStore } from "../../tracker/src/store/memory-store.ts";
import type { SwarmStore } from "../../tracker/src/store/swarm-store.ts";
import type { SwarmPolicy } from "../../tracker/src/swarm/policy.ts";
import type { Handout } from "../../tracker/src/swarm/announce.ts";
import { hostAddressText } from "../../tracker/src/wire/compact-address.ts";
import { createTrackerStore } from "./redis-trackers.ts";

export function createStoresInStep(client: RedisClient, policy: SwarmPolicy, random: () => number): SwarmStore {
  const drawn: number[] = [];
  const draw = () => {
    const number = random();
    drawn.push(number);
    return number;
  };
  const drawAgain = () => {
    const number = drawn.shift();
    if (number === undefined)
      throw new Error("the Redis store drew a random number that the memory store did not draw");
    return number;
  };
  const memory = createMemoryStore({ policy, random: draw, addressText: hostAddressText }, 1_700_000_000_000);
  const redis = createTrackerStore(client, policy, drawAgain);

  // Both at the same thing at the same time: one step after the other.
  let last: Promise<unknown> = Promise.resolve();
  function step<Result>(take: (store: SwarmStore) => Result | Promise<Result>): Promise<Result> {
    const result = last.then(async () => {
      const [one, other] = await Promise.all([take(memory), take(redis)]);
      expect(told(other)).toEqual(told(one));
      return one;
    });
    last = result.catch(() => undefined);
    return result;
  }

  return {
    announce: (request) => step((store) => store.announce(request)),
    scrape: (infoHash) => step((store) => store.scrape(infoHash)),
    inspect: (infoHash, now) => step((store) => store.inspect(infoHash, now)),
    explain: (infoHash, host, now) => step((store) => store.explain(infoHash, host, now)),
    sweep: (now) => step((store) => store.sweep(now)),
    drop: (infoHash) => step((store) => store.drop(infoHash)),
    close: () => step((store) => store.close()),
  };
}

/** What an outcome says, in the form that it can be compared in. */
function told(result: unknown): unknown {
  if (typeof result !== "object" || result === null || !("handout" in result)) return result;
  const handout = result.handout as Handout;
  const { size, v4, v4Length, v6, v6Length } = handout;
  const bytes = [v4.slice(0, v4Length), v6.slice(0, v6Length)].map((each) => Buffer.from(each).toString("hex"));
  return { ...result, handout: { size, bytes, peers: handout.peers() } };
}
