import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Delta } from "../../tracker/src/accounting/delta.ts";
import { deltas } from "../support/deltas.ts";
import { type RedisCluster, startRedisCluster } from "../support/redis-cluster.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { createSinkWorld, refusalOf } from "../support/sinks.ts";
import { deltaSinkSuite, type SinkHome } from "./delta-sink-suite.ts";

let redis: RedisServer;
beforeAll(async () => {
  // `everysec` puts off writes that it has acknowledged while the disk is slow.
  redis = await startRedis({ appendOnly: true, args: ["--appendfsync", "always"] });
});
afterAll(() => redis.close());

const { open, logged } = createSinkWorld();

const NUMBERS = new Set(["sequence", "deltaUploaded", "deltaDownloaded", "secondsSeeded", "left"]);

function deltaOf(fields: readonly string[]): Delta {
  const pairs = fields.flatMap((name, at) => (at % 2 === 0 ? [[name, fields[at + 1]!] as const] : []));
  return Object.fromEntries(pairs.map(([name, text]) => [name, NUMBERS.has(name) ? Number(text) : text])) as never;
}

async function entries({ client }: RedisServer, stream = "rackcast:deltas"): Promise<Delta[]> {
  return (await client.xrange(stream, "-", "+")).map(([, fields]) => deltaOf(fields));
}

async function createHome(): Promise<SinkHome> {
  await redis.client.flushall();
  return {
    open: () => open(redis.url),
    arrived: () => entries(redis),
    kill: () => redis.kill("SIGKILL"),
    revive: () => redis.restart(),
    async openCount() {
      const clients = (await redis.client.client("LIST")) as string;
      return clients.split("\n").filter((line) => line.includes("name=rackcast")).length;
    },
    remove: async () => {},
  };
}

deltaSinkSuite("redis", createHome);

describe("a Redis stream of deltas", () => {
  const all = deltas(400);

  it("is cut down to about as many entries as told, and still knows replays of those that it lost", async () => {
    await redis.client.flushall();
    const sink = await open(`${redis.url}/0?stream=short&maxlen=150`);
    for (let from = 0; from < all.length; from += 40) await sink.write(all.slice(from, from + 40));
    await sink.write(all.slice(0, 40));
    const kept = await entries(redis, "short");
    expect(kept.length).toBeGreaterThanOrEqual(150);
    expect(kept.length).toBeLessThan(300);
    expect(kept).toEqual(all.slice(-kept.length));
  });

  it("is appended to by two trackers without a delta twice", async () => {
    await redis.client.flushall();
    const [one, other] = [await open(redis.url), await open(redis.url)];
    await Promise.all([one.write(all.slice(0, 300)), other.write(all.slice(0, 300))]);
    await Promise.all([one.write(all.slice(300)), other.write(all.slice(250))]);
    expect(await entries(redis)).toEqual(all);
  });

  it.each([
    ["the stream", "rackcast:deltas"],
    ["the hash beside it", "{rackcast:deltas}:sources"],
  ])("is refused, and left as it is, when %s is something else", async (_, key) => {
    await redis.client.flushall();
    await redis.client.set(key, "mine");
    const error: unknown = await refusalOf((await open(redis.url)).write(all));
    expect(error).toMatchObject({
      isRefusal: true,
      message: expect.stringMatching(/WRONGTYPE.*; name another stream/),
    });
    expect(await redis.client.keys("*")).not.toContain(
      key === "rackcast:deltas" ? "{rackcast:deltas}:sources" : "rackcast:deltas",
    );
  });

  it("warns of a Redis that keeps nothing on disk, once", async () => {
    const server = await startRedis();
    try {
      const sink = await open(server.url);
      await sink.write(all.slice(0, 1));
      await sink.write(all.slice(1, 2));
      expect(logged).toEqual([expect.stringContaining("set `appendonly yes`")]);
    } finally {
      await server.close();
    }
  });

  it("is refused of a Redis that evicts keys, and of one whose password is another, which is not told", async () => {
    const server = await startRedis({
      password: "right",
      args: ["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"],
    });
    try {
      await expect((await open(server.url)).write(all)).rejects.toMatchObject({
        isRefusal: true,
        message: expect.stringMatching(
          /evicts keys.*; set `maxmemory-policy noeviction`, or name another Redis by ACC/,
        ),
      });
      const error: unknown = await refusalOf((await open(server.url.replace("right", "wrong"))).write(all));
      expect(error).toMatchObject({
        isRefusal: true,
        message: expect.stringMatching(/; correct user and password in ACC/),
      });
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("wrong");
    } finally {
      await server.close();
    }
  });

  it("is told of as away, and where to name another, when nobody listens there", async () => {
    const sink = await open("redis://:hidden1@127.0.0.1:1");
    for (let attempt = 0; attempt < 2; attempt++) {
      const error = await refusalOf(sink.write(all));
      expect(error).toMatchObject({
        isRefusal: false,
        message: expect.stringMatching(/ECONNREFUSED.*; start it, or correct ACC/),
      });
    }
  });

  it("needs a file of an authority that can be read", async () => {
    await expect(open("rediss://127.0.0.1:1?ca=/nowhere.pem")).rejects.toThrow(
      /ENOENT.*; name a file in PEM .* by \?ca=/,
    );
  });
});

describe("a stream on a Cluster", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.close());

  it.each(["rackcast:deltas", "{a}:b", "x{deltas}"])("is in one slot with what is beside it: %s", async (stream) => {
    const address = `redis://127.0.0.1:${cluster.nodes[1]!.port}?cluster=true&stream=${encodeURIComponent(stream)}`;
    const all = deltas(30);
    await (await open(address)).write(all.slice(0, 20));
    await (await open(address)).write(all.slice(10));
    const found = await Promise.all(cluster.nodes.map((node) => entries(node, stream).catch(() => [])));
    expect(found.flat()).toEqual(all);
  });

  it("is asked for as one", async () => {
    const error: unknown = await refusalOf((await open(cluster.nodes[0]!.url)).write(deltas(1)));
    expect(error).toMatchObject({ message: expect.stringMatching(/is a node of a Cluster; add \?cluster=true/) });
  });
});
