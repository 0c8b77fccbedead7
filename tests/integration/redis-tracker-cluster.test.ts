// Trackers on a real Cluster: swarms on every master, one master that dies and comes back, and what becomes of a deactivated swarm.
import { afterAll, beforeAll, expect, it } from "vitest";
import { type CapWatch, watchCaps } from "../support/cap-watch.ts";
import { type RedisCluster, startRedisCluster } from "../support/redis-cluster.ts";
import type { RedisServer } from "../support/redis-server.ts";
import { until } from "../support/tracker-command.ts";
import { type FleetPeer, startTrackerFleet, type TrackerFleet } from "../support/tracker-fleet.ts";
import { torrent } from "./control-api-world.ts";

const SLOTS = 16_384;
const CAP = 2;
const racks = ["rack0", "rack1"];
const peers = Array.from({ length: 12 }, (_, index): FleetPeer => {
  const [rack, host] = [index % racks.length, Math.floor(index / racks.length) + 1];
  return { address: `10.9.${rack}.${host}`, peerId: `-LT2080-${String(index).padStart(12, "0")}`, left: 40_000 };
});

interface Swarm {
  readonly infoHash: string;
  readonly prefix: string;
  readonly master: RedisServer;
}

let cluster: RedisCluster;
let fleet: TrackerFleet;
const swarms: Swarm[] = [];
beforeAll(async () => {
  cluster = await startRedisCluster({ appendOnly: true });
  const topology = racks.map((name, rack) => `10.9.${rack}.0/24 ${name}\n`).join("");
  fleet = await startTrackerFleet(2, { env: { REDIS_CLUSTER: cluster.list }, topology });
  await publishOnEveryMaster();
});
afterAll(async () => {
  await fleet.close();
  await cluster.close();
});

async function publishOnEveryMaster(): Promise<void> {
  for (let index = 0; swarms.length < cluster.nodes.length; index++) {
    const release = torrent(`clustered-${index}`);
    const prefix = `{${release.infoHash.toUpperCase()}}:`;
    const slot = await cluster.nodes[0]!.client.cluster("KEYSLOT", prefix);
    const master = cluster.nodes[Math.floor((slot * cluster.nodes.length) / SLOTS)]!;
    if (swarms.some((swarm) => swarm.master === master)) continue;
    await fleet.publish(release);
    swarms.push({ infoHash: release.infoHash, prefix, master });
  }
}

/** Everybody in every swarm once, to the trackers in turn. Resolves to what was told instead of an answer. */
async function announceAll(): Promise<string[]> {
  const { trackers } = fleet;
  const asked = swarms.flatMap(({ infoHash }) =>
    peers.map(async (peer, at) => fleet.announce(trackers[at % trackers.length]!, infoHash, peer)),
  );
  return (await Promise.all(asked)).flatMap(({ body }) => /^d14:failure.*|15:warning message.*/.exec(body)?.[0] ?? []);
}

async function standings(): Promise<string[][]> {
  const sets = swarms.flatMap(({ prefix, master }) =>
    racks.map(async (rack) => master.client.zrange(`${prefix}rack:${rack}:R`, "0", "-1")),
  );
  return Promise.all(sets);
}

async function readiness(): Promise<number> {
  return (await fetch(`${fleet.trackers[0]!.url}/readyz`)).status;
}

it("keeps swarms to the cap on every master, through the death of one", async () => {
  const watches = swarms.map(({ infoHash, master }): CapWatch => watchCaps(master.client, infoHash, racks, CAP));
  for (let round = 0; round < 3; round++) expect(await announceAll()).toEqual([]);
  for (const watch of watches) await watch.close();
  expect(watches.flatMap(({ faults }) => [...faults])).toEqual([]);
  const before = await standings();
  expect(before.map((names) => names.length)).toEqual(before.map(() => CAP));
  expect(await readiness()).toBe(200);

  await cluster.nodes[1]!.client.config("SET", "appendfsync", "always");
  await announceAll();
  await cluster.nodes[1]!.kill("SIGKILL");
  await cluster.reaches("fail");
  const told = await announceAll();
  expect(told).toHaveLength(swarms.length * peers.length);
  for (const reason of told) expect(reason).toMatch(/Redis is a Cluster of which some slots are not served; bring its/);
  expect(await readiness()).toBe(503);

  await cluster.nodes[1]!.restart();
  await until("everybody is served", async () => (await announceAll()).length === 0);
  expect(await standings()).toEqual(before);
  expect(await readiness()).toBe(200);
  expect(fleet.trackers.map(({ exitCode }) => exitCode())).toEqual([null, null]);
});

it("puts a deactivated swarm aside on its own master, and begins anew when the transfer is activated again", async () => {
  const { infoHash, prefix, master } = swarms[0]!;
  const transfer = `${fleet.trackers[1]!.url}/transfers/${infoHash}`;
  await announceAll();
  expect((await fetch(`${transfer}/deactivate`, { method: "POST" })).status).toBe(200);
  await until("the swarm is archived", async () => (await master.client.keys(`${prefix}peer:*`)).length === 0);
  const archived = await master.client.keys(`2*:${prefix}peer:*`);
  expect(archived).toHaveLength(peers.length);
  expect(await master.client.ttl(archived[0]!)).toBeGreaterThan(0);

  const headers = { "content-type": "application/json" };
  expect((await fetch(`${transfer}/activate`, { method: "POST", headers, body: "{}" })).status).toBe(200);
  // A tracker that has not heard of it yet answers with nobody.
  await until("every rack is stood for", async () => {
    await announceAll();
    return (await standings()).every((names) => names.length === CAP);
  });
  expect(await master.client.keys(`2*:${prefix}peer:*`)).toHaveLength(peers.length);
});
