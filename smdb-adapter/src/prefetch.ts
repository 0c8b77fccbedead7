// Fills the caches of a chain for many addresses, in the background and a few at a time.
import { setImmediate } from "node:timers/promises";
import type { TopologyChain } from "./chain.ts";

/** Lookups under way at a time. */
const AT_A_TIME = 64;

/** Answers from memory come one after another without a pause; after so many others have their turn. */
const IN_ONE_GO = 200;

/** Never rejects; resolves when every address was looked up. */
export async function prefetch(chain: Pick<TopologyChain, "prefetch">, addresses: Iterable<string>): Promise<void> {
  const queue = addresses[Symbol.iterator]();
  let count = 0;
  async function work(): Promise<void> {
    for (let next = queue.next(); !next.done; next = queue.next()) {
      await chain.prefetch(next.value);
      if (++count % IN_ONE_GO === 0) await setImmediate();
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
}
