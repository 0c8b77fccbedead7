// Holds that the tracker works on a real Cluster of three masters, and that one which dies takes its own swarms only.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { explainRedisError } from "../../tracker/src/redis/explanation.ts";
import { createScript } from "../../tracker/src/redis/script.ts";
import { type RedisCluster, startRedisCluster } from "../support/redis-cluster.ts";
import { startRedisWire } from "../support/redis-cut.ts";
import { findServerPort } from "../support/redis-port.ts";
import { startRedis } from "../support/redis-server.ts";
import { addressesOf, createRedisWorld, singleAt } from "../support/redis-world.ts";

const { keep, connect, refusal } = createRedisWorld();
const SWARMS = 30;
const folder = mkdtempSync(join(tmpdir(), "rackcast-script-"));
const file = pathToFileURL(join(folder, "keep.lua"));
writeFileSync(file, "redis.call('SET', KEYS[1], ARGV[1]) redis.call('INCR', KEYS[2]) return {KEYS[1], ARGV[1]}\n");
afterAll(() => rmSync(folder, { recursive: true }));

const keysOf = (swarm: number) => [`{SWARM${swarm}}:swarm`, `{SWARM${swarm}}:count`];
const swarms = Array.from({ length: SWARMS }, (_, index) => index);

describe("a script", () => {
  it("runs by its digest, and by its text where that is not known", async () => {
    const { port, client: observer } = await keep(startRedis());
    const { client, connected } = connect(singleAt(port));
    await connected();
    const script = createScript(client, file);
    const bytes = Buffer.from([0, 255, 128]);
    expect(await script.run(["a", "n"], ["1"])).toEqual(["a", "1"]);
    await script.run(["a", "n"], [bytes]);
    expect(await observer.getBuffer("a")).toEqual(bytes);
    await observer.script("FLUSH");
    await script.run(["a", "n"], [3]);
    expect(await observer.mget("a", "n")).toEqual(["3", "3"]);
    const calls = await observer.info("commandstats");
    expect(calls).toMatch(/cmdstat_eval:calls=2,/);
    expect(calls).toMatch(/cmdstat_evalsha:calls=3,/);
  });

  it("that fails for another reason is not run again", async () => {
    const { port, client: observer } = await keep(startRedis());
    const { client, connected } = connect(singleAt(port));
    await connected();
    await observer.set("n", "no number");
    await expect(createScript(client, file).run(["a", "n"], ["1"])).rejects.toThrow(/not an integer/);
    // Once by digest, which was not known, and once by text.
    expect(await observer.info("commandstats")).toMatch(/cmdstat_eval:calls=1,/);
  });
});

describe("a connection to a node that breaks before the reply", () => {
  it("has the command refused, which was executed once and is not sent again", async () => {
    const args = ["--cluster-enabled", "yes", "--cluster-port", `${await findServerPort()}`];
    const node = await keep(startRedis({ args }));
    const wire = await keep(startRedisWire(node.port));
    await node.client.config("SET", "cluster-announce-ip", "127.0.0.1");
    await node.client.config("SET", "cluster-announce-port", `${wire.port}`);
    await node.client.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    await expect.poll(() => node.client.cluster("INFO"), { timeout: 10_000 }).toContain("cluster_state:ok");
    const { client, connected } = connect({ kind: "cluster", nodes: addressesOf(`127.0.0.1:${wire.port}`) });
    await connected();
    wire.cutReplyTo("incr");
    await expect(client.incr("count")).rejects.toThrow("Connection is closed");
    await expect.poll(() => client.ping().catch(String), { timeout: 5_000 }).toBe("PONG");
    expect(await node.client.get("count")).toBe("1");
  });
});

describe("a Cluster", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster({ appendOnly: true });
  }, 30_000);
  afterAll(() => cluster.close());
  afterEach(() => Promise.all(cluster.nodes.map(({ client }) => client.flushdb())));
  const place = () => ({ kind: "cluster", nodes: addressesOf(cluster.list).slice(0, 1) }) as const;

  it("is accepted, named by any one of its nodes", async () => {
    expect(await refusal(place())).toBeUndefined();
  });

  it("runs a swarm's scripts on the node of the swarm", async () => {
    const { client, connected } = connect(place());
    await connected();
    const script = createScript(client, file);
    const ran = swarms.map(async (swarm) => await script.run(keysOf(swarm), [swarm]));
    expect(await Promise.all(ran)).toEqual(swarms.map((swarm) => [keysOf(swarm)[0], `${swarm}`]));
    const sizes = await Promise.all(cluster.nodes.map(({ client: node }) => node.dbsize()));
    expect(sizes.reduce((sum, size) => sum + size)).toBe(SWARMS * 2);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
  });

  it("serves the other swarms while a master is dead, and all of them soon after it is back", async () => {
    for (const { client: node } of cluster.nodes) await node.config("SET", "cluster-require-full-coverage", "no");
    const { client, connected, status } = connect(place());
    await connected();
    const script = createScript(client, file);
    const round = () =>
      Promise.all(
        swarms.map(async (swarm) => await script.run(keysOf(swarm), [swarm]).then(() => undefined, explainRedisError)),
      );
    expect(await round()).toEqual(swarms.map(() => undefined));
    const lost = cluster.nodes[2]!;
    await lost.kill("SIGKILL");
    const began = performance.now();
    const outcomes = await round();
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(outcomes).toContain(undefined);
    const faults = outcomes.filter((fault) => fault !== undefined);
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults) expect(fault).toMatch(/^Redis .*; /);
    await lost.restart();
    await cluster.reaches("ok");
    await expect.poll(round, { timeout: 10_000, interval: 100 }).toEqual(swarms.map(() => undefined));
    expect(status().kind).toBe("ready");
  });

  it("refuses commands within a second while a master hangs", async () => {
    const { client, connected } = connect(place());
    await connected();
    const script = createScript(client, file);
    await script.run(keysOf(1), ["1"]);
    const silent = await nodeOf(keysOf(1)[0]!);
    await silent.kill("SIGSTOP");
    try {
      for (let attempt = 0; attempt < 4; attempt++) {
        const began = performance.now();
        await expect(script.run(keysOf(1), ["1"])).rejects.toThrow(/timed out|closed|ready/);
        expect(performance.now() - began).toBeLessThan(1_000);
      }
    } finally {
      await silent.kill("SIGCONT");
    }
    await cluster.reaches("ok");
    await expect
      .poll(() => script.run(keysOf(1), ["2"]).catch(String), { timeout: 10_000 })
      .toEqual([keysOf(1)[0], "2"]);
  });

  it("is refused at the start when it lacks slots, and explained when it loses them", async () => {
    const { client, connected } = connect(place());
    await connected();
    for (const { client: node } of cluster.nodes) await node.config("SET", "cluster-require-full-coverage", "yes");
    const lost = cluster.nodes[1]!;
    const slotted = await keyOn(lost.port);
    await lost.client.call("CLUSTER", "DELSLOTSRANGE", "5461", "5470");
    try {
      await expect
        .poll(() => refusal({ kind: "cluster", nodes: addressesOf(`127.0.0.1:${lost.port}`) }))
        .toMatch(/of which some slots are not served .*; bring its masters back/);
      expect(await client.set(slotted, "1").catch(explainRedisError)).toMatch(/some slots are not served; bring/);
    } finally {
      await lost.client.call("CLUSTER", "ADDSLOTSRANGE", "5461", "5470");
    }
    await cluster.reaches("ok");
  });

  async function nodeOf(key: string) {
    const moved = await Promise.all(
      cluster.nodes.map(({ client }) =>
        client.get(key).then(
          () => true,
          () => false,
        ),
      ),
    );
    return cluster.nodes[moved.indexOf(true)]!;
  }

  async function keyOn(port: number): Promise<string> {
    for (const swarm of swarms) {
      const [key] = keysOf(swarm);
      if ((await nodeOf(key!))?.port === port) return key!;
    }
    throw new Error("no swarm is on this node");
  }
});
