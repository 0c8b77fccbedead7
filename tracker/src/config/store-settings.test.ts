import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";
import { ConfigError } from "./faults.ts";
import { parseRedisAddress, parseRedisUrl } from "./redis-address.ts";
import type { StoreConfig } from "./store-settings.ts";

type Environment = Readonly<Record<string, string>>;

function storeOf(env: Environment): StoreConfig {
  const config = readConfig({ args: [], env, readFile: () => "" });
  if (config === "help") throw new Error("asked for no help");
  return config.store;
}

function redisOf(env: Environment) {
  const store = storeOf({ STORE: "redis", ...env });
  if (store.kind !== "redis") throw new Error("is no Redis");
  return store.redis;
}

function faults(env: Environment): string[] {
  try {
    storeOf(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ source, problem }) => `${source}: ${problem}`);
    throw error;
  }
  return [];
}

const LOCAL = { host: "127.0.0.1", port: 6379 };

describe("where swarms are kept", () => {
  it("is the memory, unless Redis is asked for", () => {
    expect(storeOf({})).toEqual({ kind: "memory" });
    expect(storeOf({ STORE: "redis", REDIS_URL: "redis://10.0.0.5", ARCHIVE_DAYS: "0.5" })).toEqual({
      kind: "redis",
      redis: {
        place: { kind: "single", address: { host: "10.0.0.5", port: 6379 }, database: 0 },
        username: undefined,
        password: undefined,
        tls: undefined,
      },
      archiveDays: 0.5,
    });
  });

  it("is the single Redis of an address, with all that is in it", () => {
    expect(redisOf({ REDIS_URL: "rediss://tracker:p%40ss@[fd00::5]:7000/3" })).toEqual({
      place: { kind: "single", address: { host: "fd00::5", port: 7000 }, database: 3 },
      username: "tracker",
      password: "p@ss",
      tls: { caFile: undefined },
    });
  });

  it("is said by REDISHOST and REDISPORT as well, each of which has a default", () => {
    expect(redisOf({ REDISHOST: "cache" }).place).toMatchObject({ address: { host: "cache", port: 6379 } });
    expect(redisOf({ REDISPORT: "7001" }).place).toMatchObject({ address: { host: "127.0.0.1", port: 7001 } });
    expect(faults({ STORE: "redis", REDIS_URL: "redis://a:7", REDISHOST: "a", REDISPORT: "7" })).toEqual([]);
  });

  it("is a master that Sentinels know, or a Cluster", () => {
    const sentinels = { REDIS_SENTINELS: "127.0.0.1:26379,[::1]:26380", REDIS_MASTER_NAME: "m" };
    expect(redisOf({ ...sentinels, REDIS_SENTINEL_PASSWORD: "s", REDIS_PASSWORD: "r" })).toMatchObject({
      place: {
        kind: "sentinel",
        sentinels: [
          { host: "127.0.0.1", port: 26379 },
          { host: "::1", port: 26380 },
        ],
        masterName: "m",
        password: "s",
      },
      password: "r",
    });
    const cluster = redisOf({ REDIS_CLUSTER: "127.0.0.1:6379", REDIS_TLS: "yes", REDIS_TLS_CA: "/ca.pem" });
    expect(cluster).toMatchObject({ place: { kind: "cluster", nodes: [LOCAL] }, tls: { caFile: "/ca.pem" } });
  });
});

describe("what is refused of Redis", () => {
  const redis = { STORE: "redis" };
  const url = { ...redis, REDIS_URL: "redis://a:7" };

  it.each<[string, Environment, string[]]>([
    ["none at all", redis, ["STORE: is redis, but no Redis is named"]],
    ["one without STORE", { REDISHOST: "a" }, ["REDISHOST: is given, but STORE is memory"]],
    [
      "several",
      { ...url, REDIS_SENTINELS: "a:1", REDIS_CLUSTER: "a:1" },
      ["REDIS_SENTINELS: names a Redis, but so does REDIS_URL", "REDIS_CLUSTER: names a Redis, but so does REDIS_URL"],
    ],
    [
      "another host and port beside the address",
      { ...url, REDISHOST: "b", REDISPORT: "8" },
      ["REDISHOST: says something else than REDIS_URL", "REDISPORT: says something else than REDIS_URL"],
    ],
    [
      "another user and password beside the address",
      { ...redis, REDIS_URL: "redis://u:p@a", REDIS_USERNAME: "v", REDIS_PASSWORD: "q" },
      ["REDIS_USERNAME: is another one than that in REDIS_URL", "REDIS_PASSWORD: is another one"],
    ],
    ["a user without a password", { ...url, REDIS_USERNAME: "u" }, ["REDIS_USERNAME: has no password"]],
    [
      "TLS off for an address with TLS",
      { ...redis, REDIS_URL: "rediss://a", REDIS_TLS: "no" },
      ["REDIS_TLS: is false"],
    ],
    ["an authority without TLS", { ...url, REDIS_TLS_CA: "/ca.pem" }, ["REDIS_TLS_CA: is for TLS"]],
    ["a master's name without Sentinels", { ...url, REDIS_MASTER_NAME: "m" }, ["REDIS_MASTER_NAME: is for Sentinels"]],
    ["a Sentinel without its port", { ...redis, REDIS_SENTINELS: "a" }, ['REDIS_SENTINELS: "a" is no host:port']],
    ["a foreign scheme", { ...redis, REDIS_URL: "http://a" }, ["REDIS_URL: is no address of a Redis"]],
    ["no time at all for archives", { ARCHIVE_DAYS: "0" }, ['ARCHIVE_DAYS: got "0"; takes a number from 0.001']],
  ])("is %s", (_, env, expected) => {
    const found = faults(env);
    expect(found.map((fault, index) => fault.slice(0, expected[index]?.length))).toEqual(expected);
    expect(found.join()).toContain("; ");
  });
});

it("reads any address that it can be written as", () => {
  const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
  const port = fc.integer({ min: 1, max: 65_535 });
  const secret = fc.option(fc.string({ minLength: 1, unit: "binary" }), { nil: undefined });
  fc.assert(
    fc.property(host, port, fc.nat(15), secret, (name, number, database, password) => {
      const written = `${name.includes(":") ? `[${name}]` : name}:${number}`;
      const credentials = password === undefined ? "" : `:${encodeURIComponent(password)}@`;
      const url = parseRedisUrl(`redis://${credentials}${written}/${database}`);
      expect(url).toMatchObject({ database, password, address: { port: number } });
      expect(parseRedisAddress(written)).toEqual({ host: name, port: number });
    }),
  );
});
