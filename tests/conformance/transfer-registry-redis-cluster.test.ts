// Registries that race on a real Cluster, whose masters each have a part of their keys.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRedisRegistry } from "../../tracker/src/registry/redis/redis-registry.ts";
import type { Registry } from "../../tracker/src/registry/registry.ts";
import type { TransferContent } from "../../tracker/src/registry/transfer-registry.ts";
import type { InfoHash } from "../../tracker/src/swarm/identifiers.ts";
import { type RedisCluster, startRedisCluster } from "../support/redis-cluster.ts";
import { addressesOf, createRedisWorld } from "../support/redis-world.ts";
import { announceKeysSuite } from "./announce-keys-suite.ts";
import { auditLogSuite } from "./audit-log-suite.ts";
import type { RegistryHome } from "./registry-home.ts";

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

auditLogSuite("redis Cluster", newHome);
announceKeysSuite("redis Cluster", newHome);

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

  it("never has two transfers in service under one name, whatever three trackers do at once", async () => {
    await newHome();
    const registries = [await open(), await open(), await open()];
    const { client, connected } = world.connect({ kind: "cluster", nodes: addressesOf(cluster.list) });
    await connected();
    const contents = ["a", "b", "c"].flatMap((which) => [0, 1].map((round) => transfer(round, which)));
    for (let round = 0; round < 60; round++) {
      const changes = registries.flatMap((registry) => [0, 1].map(async () => change(registry, contents)));
      for (const outcome of await Promise.allSettled(changes))
        if (outcome.status === "rejected") expect(["NAME_TAKEN", "TRANSFER_UNKNOWN"]).toContain(outcome.reason.code);
      const [seen, ...others] = await Promise.all(registries.map(async (registry) => registry.list()));
      for (const other of others) expect(other).toEqual(seen);
      const inService = seen!.filter(({ state }) => state !== "inactive");
      const names = inService.map(({ name, infoHash }) => [name, infoHash.toUpperCase()] as const);
      expect(new Set(names.map(([name]) => name)).size).toBe(names.length);
      expect(await client.hgetall("transfer_names")).toMatchObject(Object.fromEntries(names));
      const active = inService.filter(({ state }) => state === "active").map(({ infoHash }) => infoHash.toUpperCase());
      expect((await client.smembers("active_transfers")).toSorted()).toEqual(active.toSorted());
    }
    for (const registry of registries) await registry.close();
  });
});

/** What is refused, because the name is taken or the transfer unknown, is part of it. */
async function change(registry: Registry, contents: readonly TransferContent[]): Promise<unknown> {
  const content = contents[Math.floor(Math.random() * contents.length)]!;
  const kind = Math.random();
  if (kind < 0.4) return registry.register(content, Date.now());
  return kind < 0.7
    ? registry.activate(content.infoHash, {}, Date.now())
    : registry.deactivate(content.infoHash, Date.now());
}

function transfer(round: number, which: string): TransferContent {
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
