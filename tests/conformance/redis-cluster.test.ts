import { Cluster } from "ioredis";
import { afterAll, beforeAll } from "vitest";
import { openRedisLedger } from "../../tracker/src/accounting/redis-ledger.ts";
import { openRedisRegistry } from "../../tracker/src/registry/redis/redis-registry.ts";
import { type RedisCluster, startRedisCluster } from "../support/redis-cluster.ts";
import { banListSuite } from "./ban-list-suite.ts";
import { ledgerSuite } from "./ledger-suite.ts";
import { createTrackers } from "./redis-trackers.ts";
import type { RegistryHome } from "./registry-home.ts";
import { swarmStoreSuite } from "./swarm-store-suite.ts";
import { transferRegistrySuite } from "./transfer-registry-suite.ts";

let cluster: RedisCluster;
let client: Cluster;
beforeAll(async () => {
  cluster = await startRedisCluster();
  // Without a tracker's time limits: what is slow here are the suite's looks at whole swarms.
  const nodes = cluster.nodes.map(({ port }) => ({ host: "127.0.0.1", port }));
  client = new Cluster(nodes, { redisOptions: { protocol: 2, disableClientInfo: true } });
  await client.ping();
});
afterAll(async () => {
  client.disconnect();
  await cluster.close();
});

async function empty(): Promise<void> {
  await Promise.all(cluster.nodes.map(async (node) => node.client.flushall()));
}

swarmStoreSuite(
  "redis Cluster, two trackers",
  async (policy, random) => {
    await empty();
    return createTrackers(client, policy, { count: 2, random });
  },
  { modelRuns: 5 },
);

async function newHome(): Promise<RegistryHome> {
  await empty();
  return { open: () => openRedisRegistry({ client }), remove: () => {} };
}

transferRegistrySuite("redis Cluster", newHome);
banListSuite("redis Cluster", newHome);

ledgerSuite(
  "redis Cluster",
  async () => {
    await empty();
    const connection = { client, place: cluster.list, status: () => ({ kind: "ready" }) as const };
    return { open: (limits) => openRedisLedger({ connection, ...limits }), remove: async () => {} };
  },
  { modelRuns: 5 },
);
