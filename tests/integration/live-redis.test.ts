// Holds the live channel over several trackers that share a Redis, when one of them or Redis itself dies, too.
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { connectLive, randomProof, sha256 } from "../support/live-client.ts";
import { startLiveStory } from "../support/live-story.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { startStoryTracker, type StoryTracker } from "../support/story-tracker.ts";
import { startTrackerFleet } from "../support/tracker-fleet.ts";

const closing: { close(): Promise<void> }[] = [];
let redis: RedisServer;

afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close();
});

async function keep<T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const one = await starting;
  closing.push(one);
  return one;
}

async function start(count: number, appendOnly = true): Promise<StoryTracker[]> {
  redis = await keep(startRedis({ appendOnly }));
  const settings = { STORE: "redis", REDIS_URL: redis.url };
  return await Promise.all(Array.from({ length: count }, () => keep(startStoryTracker(settings))));
}

const portsOf = (trackers: readonly StoryTracker[]) => trackers.map(({ port }) => port);

const story = (...args: Parameters<typeof startLiveStory>) => keep(startLiveStory(...args));

describe("the live channel of trackers that share a Redis", () => {
  it("tells the same story at all of them, and what a killed one's peers announced is gone within 8 s", async () => {
    redis = await keep(startRedis());
    const topology = "127.0.0.0/8 rack0\n";
    const fleet = await keep(startTrackerFleet(3, { env: { REDIS_URL: redis.url }, topology }));
    const ports = fleet.trackers.map(({ url }) => Number(new URL(url).port));
    const told = await story(ports, 5, 6);
    await told.follow(ports);
    const churning = told.churn(60);
    for (let times = 0; times < 4; times++) await told.follow(ports);
    await churning;
    await told.expectTold();
    expect(told.followers.flatMap(({ told: events }) => events).length).toBeGreaterThan(1_000);

    await fleet.trackers[0]!.kill("SIGKILL");
    const killed = Date.now();
    await delay(100);
    told.forget(ports[0]!);
    await told.expectTold(8_000);
    console.info(`live: a killed tracker's announces were gone after ${Date.now() - killed} ms`);
    await told.follow(ports.slice(1));
    await told.expectTold();
  });

  it("lets the later of two connections with one proof live, whichever tracker it is at", async () => {
    const ports = portsOf(await start(2));
    const [proof, infoHash] = [randomProof(), sha256("claimed")];
    const follower = await connectLive(ports[1]!);
    const first = await connectLive(ports[0]!, proof);
    await follower.request("subscribe", [infoHash]);
    await first.request("announce", [infoHash]);
    const second = await connectLive(ports[1]!, proof);
    await second.request("announce", [infoHash]);
    expect(await first.closed).toMatchObject({ code: 4409 });
    const third = await connectLive(ports[0]!, proof);
    expect(await second.closed).toMatchObject({ code: 4409 });
    await expect.poll(() => follower.told.at(-1)?.action).toBe("unannounce");
    expect(third.isOpen()).toBe(true);
    await Promise.all([third.close(), follower.close()]);
  });

  it.each([
    ["with its data", true],
    ["without its data", false],
  ])("goes on when Redis was killed and is back %s", async (_, appendOnly) => {
    const ports = portsOf(await start(2, appendOnly));
    const told = await story(ports, 4, 4);
    await told.follow(ports);
    await told.churn(10);
    await told.expectTold();
    await redis.kill("SIGKILL");
    const churning = told.churn(5);
    await delay(1_000);
    const eventsBefore = told.followers.map((follower) => follower.told.length);
    await redis.restart();
    await churning;
    await told.expectTold(8_000);
    await told.follow(ports);
    await told.churn(5);
    await told.expectTold();
    expect(eventsBefore.every((count) => count > 0)).toBe(true);
  });

  it("leaves nothing in Redis when its trackers stop", async () => {
    const [tracker] = await start(1);
    const told = await story([tracker!.port], 3, 3);
    await told.churn(5);
    expect(await redis.client.zcard("{live}:sessions")).toBe(1);
    await tracker!.close();
    expect(await redis.client.zcard("{live}:sessions")).toBe(0);
    const kept = (await redis.client.keys("live:*")).filter((key) => !key.endsWith("}:announcers"));
    expect(kept).toEqual([]);
    for (const infoHash of told.hashes) {
      const fields = await redis.client.hkeys(`live:{${infoHash}}:announcers`);
      expect(fields.filter((field) => field !== "*")).toEqual([]);
    }
  });
});
