import { afterAll, beforeAll } from "vitest";
import { openRedis, type RedisConnection } from "../../tracker/src/redis/redis-connection.ts";
import { openRedisRegistry } from "../../tracker/src/registry/redis/redis-registry.ts";
import { type RedisCluster, startRedisCluster } from "../support/redis-cluster.ts";
import { banListSuite } from "./ban-list-suite.ts";
import { createTrackers } from "./redis-trackers.ts";
import type { RegistryHome } from "./registry-home.ts";
import { swarmStoreSuite } from "./swarm-store-suite.ts";
import { transferRegistrySuite } from "./transfer-registry-suite.ts";

let cluster: RedisCluster;
let connection: RedisConnection;
beforeAll(async () => {
  cluster = await startRedisCluster();
  const place = { kind: "cluster", nodes: cluster.nodes.map(({ port }) => ({ host: "127.0.0.1", port })) } as const;
  const log = { info: () => {}, warn: () => {} };
  connection = openRedis({ place, username: undefined, password: undefined, tls: undefined }, { log });
  await connection.connected();
});
afterAll(async () => {
  await connection.close();
  await cluster.close();
});

async function empty(): Promise<void> {
  await Promise.all(cluster.nodes.map(async ({ client }) => client.flushall()));
}

swarmStoreSuite(
  "redis Cluster, two trackers",
  async (policy, random) => {
    await empty();
    return createTrackers(connection.client, policy, { count: 2, random });
  },
  { modelRuns: 5 },
);

async function newHome(): Promise<RegistryHome> {
  await empty();
  return { open: () => openRedisRegistry({ client: connection.client }), remove: () => {} };
}

transferRegistrySuite("redis Cluster", newHome);
banListSuite("redis Cluster", newHome);
