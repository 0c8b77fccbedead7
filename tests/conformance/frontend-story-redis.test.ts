import { afterAll, beforeAll, expect, it } from "vitest";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { startStoryTracker, type StoryTracker } from "../support/story-tracker.ts";
import { frontendStorySuite, sharedSwarmSuite } from "./frontend-story-suite.ts";
import { FOREIGN_FRONTENDS, STORY_FRONTENDS } from "./story-frontends.ts";

let redis: RedisServer;
let trackers: StoryTracker[];
beforeAll(async () => {
  redis = await startRedis();
  const settings = { STORE: "redis", REDIS_URL: redis.url, INACTIVE_REPLY: "failure" };
  trackers = [await startStoryTracker(settings), await startStoryTracker(settings)];
});
afterAll(async () => {
  for (const tracker of trackers) await tracker.close();
  await redis.close();
});

const options = { trackers: () => trackers, frontends: STORY_FRONTENDS };
frontendStorySuite("redis, two trackers", { ...options, frontends: [...STORY_FRONTENDS, ...FOREIGN_FRONTENDS] });
sharedSwarmSuite("redis, two trackers", options);

it("redis: nothing of it went wrong inside the trackers", () => {
  expect(trackers.flatMap(({ complaints }) => complaints)).toEqual([]);
});
