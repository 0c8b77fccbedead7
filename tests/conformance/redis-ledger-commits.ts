// A client of Redis that has the commits of a ledger made by a test: late, or after something else.
import type { RedisClient } from "../../tracker/src/redis/redis-connection.ts";

/** `size`: how many arguments. */
type Commit = (commit: () => Promise<unknown>, size: number) => Promise<unknown>;

export function withCommits(client: RedisClient, make: Commit): RedisClient {
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return async (...args: unknown[]) => {
        const call = async () => Reflect.apply(value, target, args) as unknown;
        const isCommit = String(name).startsWith("eval") && args.includes("{accounting}:transfers");
        return isCommit ? make(call, args.length) : call();
      };
    },
  });
}
