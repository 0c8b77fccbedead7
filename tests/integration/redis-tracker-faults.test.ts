// A tracker whose Redis is spoilt, full or silent while it runs, as its clients and operators see it.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { type FleetPeer, type FleetReply, startTrackerFleet, type TrackerFleet } from "../support/tracker-fleet.ts";
import { runCommand } from "./cli-process.ts";
import { torrent } from "./control-api-world.ts";

const release = torrent("spoilt-1.0");
const other = torrent("other-1.0");
const prefix = `{${release.infoHash.toUpperCase()}}:`;
const peers = Array.from({ length: 4 }, (_, index): FleetPeer => {
  return { address: `10.9.0.${index + 1}`, peerId: `-lt0D80-${String(index).padStart(12, "0")}`, left: 40_000 };
});
const [first] = peers as [FleetPeer];

let redis: RedisServer;
let fleet: TrackerFleet;
let url: string;
let standings: readonly string[];
beforeAll(async () => {
  redis = await startRedis({ appendOnly: true });
  fleet = await startTrackerFleet(1, { env: { REDIS_URL: redis.url }, topology: "10.9.0.0/24 rack0\n" });
  url = fleet.trackers[0]!.url;
  for (const transfer of [release, other]) await fleet.publish(transfer);
});
afterAll(async () => {
  await fleet.close();
  await redis.close();
});
beforeEach(async () => {
  for (const peer of peers) expect(isServed(await announce(release, peer))).toBe(true);
  standings = await representatives();
  expect(standings).toHaveLength(2);
});

async function announce({ infoHash }: { infoHash: string }, peer: FleetPeer): Promise<FleetReply> {
  return fleet.announce(fleet.trackers[0]!, infoHash, peer);
}

function isServed({ body }: FleetReply): boolean {
  return body.startsWith("d8:complete");
}

async function representatives(): Promise<string[]> {
  return redis.client.zrange(`${prefix}rack:rack0:R`, "0", "-1");
}

async function servesAsBefore(): Promise<void> {
  await expect.poll(async () => isServed(await announce(release, first)), { timeout: 10_000 }).toBe(true);
  for (const peer of peers) expect(isServed(await announce(release, peer))).toBe(true);
  expect(await representatives()).toEqual(standings);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect(fleet.trackers[0]!.exitCode()).toBeNull();
}

describe("somebody else's data", () => {
  const keys = [
    "swarm",
    "changes",
    "told",
    "departed",
    "groups",
    "transfer",
    "peers:N",
    "rack:rack0:N",
    "rack:rack0:R",
  ];

  it.each([...keys, `peer:${first.address}:6881`])(
    "under %s fails its transfer's announces by name, leaves others alone, and hurts nobody when it is gone",
    async (name) => {
      const [key, aside] = [prefix + name, `aside:${prefix}`];
      const isThere = (await redis.client.exists(key)) === 1;
      if (isThere) await redis.client.rename(key, aside);
      await redis.client.set(key, "somebody's");
      const newcomer = { ...first, address: "10.9.0.99", peerId: `-lt0D80-${name.padEnd(12, "_").slice(0, 12)}` };
      // A peer that is new or gone is what every key is written for; one that goes on leaves some alone.
      const { body } = await announce(release, newcomer);
      const later = await fleet.announce(fleet.trackers[0]!, release.infoHash, first, "stopped");
      expect([body, later.body].find((told) => !told.startsWith("d8:complete"))).toMatch(
        new RegExp(
          `^d14:failure reason\\d+:Redis holds what no tracker wrote under the key ${key.replaceAll(/[{}]/g, "\\$&")}; move`,
        ),
      );
      expect(isServed(await announce(other, first))).toBe(true);
      expect(await redis.client.get(key)).toBe("somebody's");
      await redis.client.del(key);
      if (isThere) await redis.client.rename(aside, key);
      await fleet.announce(fleet.trackers[0]!, release.infoHash, newcomer, "stopped");
      await servesAsBefore();
    },
  );
});

describe("a Redis that somebody else filled", () => {
  it("refuses announces and changes with the remedy, is not ready, and goes on when there is room", async () => {
    await redis.client.set("theirs", "x".repeat(20 * 2 ** 20));
    await redis.client.config("SET", "maxmemory", "15mb");
    const told = /Redis has used up its maxmemory; raise maxmemory, or free memory in it/;
    const { body } = await announce(release, first);
    expect(body).toMatch(new RegExp(`^d14:failure reason\\d+:${told.source}`));
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    const changed = await fetch(`${url}/transfers/${release.infoHash}/deactivate`, { method: "POST" });
    expect({ status: changed.status, told: await changed.json() }).toMatchObject({
      status: 503,
      told: { detail: expect.stringMatching(told) as string },
    });
    expect((await fetch(`${url}/transfers/${release.infoHash}`)).status).toBe(200);
    await redis.client.del("theirs");
    await servesAsBefore();
  });
});

describe("a Redis that is silent", () => {
  const controls: [string, string, unknown?][] = [
    ["GET", "/transfers"],
    ["GET", `/transfers/${release.infoHash}`],
    ["GET", `/transfers/${release.infoHash}/peers`],
    ["GET", `/transfers/${release.infoHash}/racks`],
    ["GET", `/transfers/${release.infoHash}/explain/${first.address}`],
    ["GET", `/transfers/${release.infoHash}/torrent`],
    ["POST", `/transfers/${release.infoHash}/activate`, { origins: [] }],
    ["POST", `/transfers/${other.infoHash}/deactivate`],
    ["GET", `/hosts/${first.address}/transfers`],
    ["PUT", `/bans/${other.infoHash}`, { reason: "why" }],
    ["GET", "/bans"],
    ["GET", "/audit"],
  ];

  it.each(["SIGSTOP", "SIGKILL"] as const)(
    "after %s is told of by every call within about a second, and by the command",
    async (signal) => {
      await redis.kill(signal);
      const loaded = Promise.all(peers.map(async (peer) => announce(release, peer)));
      const answers = await Promise.all(controls.map(async (call) => control(...call)));
      const slowest = Math.max(...answers.map(({ milliseconds }) => milliseconds));
      console.log(`${signal}: ${controls.length} calls at once, the slowest answered after ${slowest.toFixed(0)} ms`);
      for (const { call, status, type, body } of answers) {
        expect({ call, status, type }).toEqual({ call, status: 503, type: "application/problem+json" });
        expect(JSON.parse(body)).toMatchObject({ detail: expect.stringMatching(/Redis .*; .*/) as string });
      }
      expect(slowest).toBeLessThan(1100);
      for (const { body } of await loaded) expect(body).toMatch(/^d14:failure reason\d+:Redis .*; /);
      const scrape = await fetch(`${url}/scrape?info_hash=${release.infoHash.replace(/../g, "%$&")}`);
      expect({ status: scrape.status, body: await scrape.text() }).toEqual({
        status: 200,
        body: expect.stringMatching(/^d14:failure reason\d+:Redis .*; .*8:retry ini1ee$/) as string,
      });
      const { code, stdout, stderr } = await runCommand(["status", release.infoHash, "--tracker", url]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(/^rackcast: .*Redis .*; /);
      await (signal === "SIGSTOP" ? redis.kill("SIGCONT") : redis.restart());
      await servesAsBefore();
    },
  );
});

async function control(method: string, path: string, said?: unknown) {
  const asked = performance.now();
  const sent =
    said === undefined ? {} : { body: JSON.stringify(said), headers: { "content-type": "application/json" } };
  const response = await fetch(url + path, { method, ...sent });
  const body = await response.text();
  const type = response.headers.get("content-type");
  return { call: `${method} ${path}`, status: response.status, type, body, milliseconds: performance.now() - asked };
}
