// Holds that a Redis that would lose swarms or stop announces is refused at the start, with cause and remedy.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeCertificates } from "../support/certificates.ts";
import { findServerPort } from "../support/redis-port.ts";
import { type RedisTlsFiles, startRedis } from "../support/redis-server.ts";
import { addressesOf, createRedisWorld, singleAt } from "../support/redis-world.ts";

const { keep, refusal, logged } = createRedisWorld();
const folder = mkdtempSync(join(tmpdir(), "rackcast-certificates-"));
let certificates: RedisTlsFiles;
beforeAll(() => {
  certificates = makeCertificates(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a tracker's start", () => {
  it("accepts a Redis that keeps its writes, and says nothing", async () => {
    const { port } = await keep(startRedis({ appendOnly: true }));
    expect(await refusal(singleAt(port))).toBeUndefined();
    expect(logged).toEqual([]);
  });

  it("warns of a Redis that keeps its writes in memory only", async () => {
    const { port } = await keep(startRedis());
    expect(await refusal(singleAt(port))).toBeUndefined();
    expect(logged).toEqual([expect.stringMatching(/^warn .*in memory only.*set `appendonly yes`/)]);
  });

  it("leaves nothing behind in Redis", async () => {
    const { port, client } = await keep(startRedis());
    await refusal(singleAt(port));
    await expect.poll(() => client.dbsize(), { timeout: 3_000 }).toBe(0);
  });

  it("is refused within a second where nobody listens", async () => {
    const port = await findServerPort();
    const began = performance.now();
    expect(await refusal(singleAt(port))).toMatch(
      new RegExp(`^RedisError: Redis at 127.0.0.1:${port} cannot be reached .*ECONNREFUSED.*; start it, or correct`),
    );
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it("is refused for a name that is none", async () => {
    const place = { ...singleAt(6379), address: { host: "no-such-redis.invalid", port: 6379 } };
    expect(await refusal(place)).toMatch(/Redis at no-such-redis.invalid:6379 cannot be reached/);
  });
});

describe("passwords", () => {
  it("are accepted when they are right, a user's too", async () => {
    const { port, client } = await keep(startRedis({ password: "hidden" }));
    await client.call("ACL", "SETUSER", "tracker", "on", ">own", "~*", "+@all", "-@admin");
    expect(await refusal(singleAt(port), { password: "hidden" })).toBeUndefined();
    expect(await refusal(singleAt(port), { username: "tracker", password: "own" })).toBeUndefined();
  });

  it("that are wrong or missing refuse the start, and are told to nobody", async () => {
    const { port } = await keep(startRedis({ password: "hidden" }));
    const wrong = await refusal(singleAt(port), { password: "mistaken" });
    expect(wrong).toMatch(/refuses user or password .*; correct REDIS_PASSWORD/);
    expect(await refusal(singleAt(port))).toMatch(/asks for a password .*; give it by REDIS_PASSWORD/);
    expect([wrong, ...logged].join()).not.toMatch(/hidden|mistaken/);
  });

  it("of a user who may not run scripts refuse the start", async () => {
    const { port, client } = await keep(startRedis());
    await client.call("ACL", "SETUSER", "reader", "on", ">own", "~*", "+@read", "+info");
    expect(await refusal(singleAt(port), { username: "reader", password: "own" })).toMatch(
      /does not allow this user what the tracker needs .*; grant it/,
    );
  });

  it("of a user who may not see INFO only bring a warning", async () => {
    const { port, client } = await keep(startRedis());
    await client.call("ACL", "SETUSER", "blind", "on", ">own", "~*", "+@all", "-info");
    expect(await refusal(singleAt(port), { username: "blind", password: "own" })).toBeUndefined();
    expect(logged.join()).toContain("grant it +info");
  });
});

describe("TLS", () => {
  it("is spoken with an authority of one's own", async () => {
    const { port } = await keep(startRedis({ tls: certificates, appendOnly: true }));
    expect(await refusal(singleAt(port), { tls: { caFile: certificates.caFile } })).toBeUndefined();
  });

  it("with an authority that is not known, or whose file is not there, refuses the start", async () => {
    const { port } = await keep(startRedis({ tls: certificates }));
    expect(await refusal(singleAt(port), { tls: { caFile: undefined } })).toMatch(
      /certificate that is not trusted .*REDIS_TLS_CA/,
    );
    const caFile = join(folder, "gone.pem");
    await expect(refusal(singleAt(port), { tls: { caFile } })).rejects.toThrow(/REDIS_TLS_CA cannot be read .*ENOENT/);
  });

  it("on one side only refuses the start", async () => {
    const secured = await keep(startRedis({ tls: certificates }));
    expect(await refusal(singleAt(secured.port))).toMatch(/closed the connection|TLS/);
    const plain = await keep(startRedis());
    expect(await refusal(singleAt(plain.port), { tls: { caFile: undefined } })).toMatch(/TLS/);
  });
});

describe("a Redis that cannot keep swarms", () => {
  it("is refused as a read-only replica", async () => {
    const master = await keep(startRedis());
    const replica = await keep(startRedis({ args: ["--replicaof", `127.0.0.1 ${master.port}`] }));
    expect(await refusal(singleAt(replica.port))).toMatch(
      new RegExp(`is a read-only replica .its master is 127.0.0.1:${master.port}.; name its master`),
    );
  });

  it.each(["allkeys-lru", "volatile-ttl"])("is refused when it evicts by %s", async (policy) => {
    const { port } = await keep(startRedis({ args: ["--maxmemory", "50mb", "--maxmemory-policy", policy] }));
    expect(await refusal(singleAt(port))).toMatch(
      new RegExp(`evicts keys .*maxmemory-policy is ${policy}.*; set .maxmemory-policy noeviction`),
    );
  });

  it("is refused when its memory is used up, told by INFO or by the trial", async () => {
    const { port, client } = await keep(startRedis({ args: ["--maxmemory", "1mb"] }));
    await client.call("ACL", "SETUSER", "blind", "on", ">own", "~*", "+@all", "-info");
    expect(await refusal(singleAt(port))).toMatch(/has used up its maxmemory .*bytes.*; raise maxmemory/);
    expect(await refusal(singleAt(port), { username: "blind", password: "own" })).toMatch(
      /has used up its maxmemory .*OOM.*; raise maxmemory/,
    );
  });

  it("is refused when it lacks the replicas that it waits for", async () => {
    const { port } = await keep(startRedis({ args: ["--min-replicas-to-write", "1"] }));
    expect(await refusal(singleAt(port))).toMatch(/fewer replicas than min-replicas-to-write .*; start its replicas/);
  });

  it("is refused when it is another kind of Redis than was said", async () => {
    const { port } = await keep(startRedis());
    const list = addressesOf(`127.0.0.1:${port}`);
    expect(await refusal({ kind: "cluster", nodes: list })).toMatch(/is no Cluster .*; name it by REDIS_URL/);
    const place = { kind: "sentinel", sentinels: list, masterName: "m", password: undefined } as const;
    expect(await refusal(place)).toMatch(/named as its Sentinel is none .*; correct REDIS_SENTINELS/);
    const gone = addressesOf(`127.0.0.1:${await findServerPort()}`);
    expect(await refusal({ ...place, sentinels: gone })).toMatch(/cannot be reached/);
    const node = await keep(
      startRedis({ args: ["--cluster-enabled", "yes", "--cluster-port", `${await findServerPort()}`] }),
    );
    expect(await refusal(singleAt(node.port))).toMatch(/is a node of a Cluster; name the Cluster by REDIS_CLUSTER/);
  });
});
