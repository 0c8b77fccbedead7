// The Redis registry on a real Cluster, whose masters each have a part of its keys.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRedisRegistry } from "../../tracker/src/registry/redis/redis-registry.ts";
import type { Registry } from "../../tracker/src/registry/registry.ts";
import type { InfoHash } from "../../tracker/src/swarm/identifiers.ts";
import { type RedisCluster, startRedisCluster } from "../support/redis-cluster.ts";
import { addressesOf, createRedisWorld } from "../support/redis-world.ts";
import { auditLogSuite } from "./audit-log-suite.ts";
import { banListSuite } from "./ban-list-suite.ts";
import type { RegistryHome } from "./registry-home.ts";
import { transferRegistrySuite } from "./transfer-registry-suite.ts";

const world = createRedisWorld();
let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await startRedisCluster();
});
afterAll(async () => cluster.close());

async function open(): Promise<Registry> {
  const connection = world.connect({ kind: "cluster", nodes: addressesOf(cluster.list) });
  await connection.connected();
  return openRedisRegistry({ client: connection.client });
}

async function newHome(): Promise<RegistryHome> {
  for (const { client } of cluster.nodes) await client.flushall();
  return { open, remove: () => {} };
}

transferRegistrySuite("redis cluster", newHome);
banListSuite("redis cluster", newHome);
auditLogSuite("redis cluster", newHome);

describe("a registry on a Cluster", () => {
  it("lets one of two contents have each of many names, with transfers on all masters", async () => {
    await newHome();
    const [one, other] = [await open(), await open()];
    for (let round = 0; round < 30; round++) {
      const contents = [transfer(round, "a"), transfer(round, "b")] as const;
      const outcomes = await Promise.allSettled([one.register(contents[0], round), other.register(contents[1], round)]);
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    }
    expect(await other.list()).toEqual(await one.list());
    expect((await one.list()).map(({ name }) => name)).toEqual(Array.from({ length: 30 }, (_, at) => `app-${at}`));
    const sizes = await Promise.all(cluster.nodes.map(async ({ client }) => client.dbsize()));
    expect(Math.min(...sizes)).toBeGreaterThan(5);
    for (const registry of [one, other]) await registry.close();
  });
});

function transfer(round: number, which: "a" | "b") {
  const infoHash = `${which}${`${round}`.padStart(39, "0")}` as InfoHash;
  return {
    infoHash,
    name: `app-${round}`,
    lengthBytes: 9,
    pieceLengthBytes: 4,
    fileCount: 1,
    torrent: Buffer.from("d"),
  };
}
