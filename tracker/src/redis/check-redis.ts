// Before a tracker serves anybody: is its Redis there, may it be written to, and will it keep what it is given?
import { randomUUID } from "node:crypto";
import { Cluster, type Redis } from "ioredis";
import { RedisError } from "./errors.ts";
import { tellRedisError, wordsOf } from "./explanation.ts";
import { refuseCluster, refuseNode, warningsOf } from "./node-check.ts";
import type { RedisConnection, RedisLog } from "./redis-connection.ts";
import { parseInfo } from "./redis-info.ts";

/** Writes as the tracker does: from a script, a value that ends by itself. */
const WRITE = "return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])";
const TRIAL_KEY = "rackcast:trial";
const TRIAL_MS = 1_000;

/** Throws `RedisError`, whose message names cause and remedy; what Redis may lose is only warned of. */
export async function checkRedis(connection: RedisConnection, { log }: { readonly log: RedisLog }): Promise<void> {
  const { client, place } = connection;
  try {
    await connection.connected();
    const isCluster = client instanceof Cluster;
    if (isCluster) await checkCluster(client, place);
    for (const node of isCluster ? mastersOf(client) : [client]) {
      const name = isCluster ? `${node.options.host}:${node.options.port}` : place;
      await checkNode(node, { name, isCluster, log });
    }
    await client.eval(WRITE, 1, TRIAL_KEY, randomUUID(), TRIAL_MS);
  } catch (error) {
    throw tellRedisError(error, place);
  }
}

async function checkCluster(cluster: Cluster, place: string): Promise<void> {
  const fault = refuseCluster(parseInfo(String(await cluster.cluster("INFO"))), place);
  if (fault) throw fault;
}

function mastersOf(cluster: Cluster): Redis[] {
  return cluster.nodes("master");
}

interface NodeCheck {
  readonly name: string;
  readonly isCluster: boolean;
  readonly log: RedisLog;
}

async function checkNode(node: Redis, { name, isCluster, log }: NodeCheck): Promise<void> {
  const info = await readInfo(node, name, log);
  if (!isCluster && info.get("cluster_enabled") === "1") throw new RedisError("CLUSTER_UNNAMED", { place: name });
  const fault = refuseNode(info, name);
  if (fault) throw fault;
  const hasReplicas = node.options.sentinels != null || Number(info.get("connected_slaves")) > 0;
  for (const warning of warningsOf(info, hasReplicas)) log.warn({}, `Redis at ${name} ${warning}`);
}

/** Empty, with a warning, where INFO is kept from this user: then the trial has to show what is wrong. */
async function readInfo(node: Redis, name: string, log: RedisLog): Promise<ReadonlyMap<string, string>> {
  try {
    return parseInfo(await node.info());
  } catch (error) {
    if (!wordsOf(error).includes("NOPERM")) throw error;
    log.warn({}, `Redis at ${name} does not say its version and memory policy to this user; grant it +info`);
    return new Map();
  }
}
