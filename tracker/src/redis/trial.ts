// Whether Redis serves now: it may answer and yet take no writes, because it is full, a replica, or a Cluster with a master missing.
import { Cluster } from "ioredis";
import type { RedisConnection } from "./redis-connection.ts";

/** Their slots are 1584, 5649, 9842 and 13907: one in each quarter of a Cluster. */
const KEYS = ["rackcast:trial:{3}", "rackcast:trial:{2}", "rackcast:trial:{1}", "rackcast:trial:{0}"];
const LIFETIME_MS = 1_000;

/** Leaves nothing behind. Rejects within 0.8 s with what an announce would meet, in words when Redis is known to be away. */
export async function tryRedis({ client, status }: RedisConnection): Promise<void> {
  const known = status();
  if (known.kind === "away") throw new Error(known.why);
  const isCluster = client instanceof Cluster;
  if (isCluster) await Promise.all(client.nodes("master").map((master) => master.ping()));
  await Promise.all(KEYS.slice(isCluster ? 0 : -1).map((key) => client.set(key, "1", "PX", LIFETIME_MS)));
}
