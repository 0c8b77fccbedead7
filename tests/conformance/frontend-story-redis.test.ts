import { afterAll, beforeAll, expect, it } from "vitest";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { publishTransfers, startStoryTracker, type StoryTracker } from "../support/story-tracker.ts";
import { addressFamiliesSuite } from "./address-families-suite.ts";
import { frontendStorySuite, sharedSwarmSuite } from "./frontend-story-suite.ts";
import {
  FOREIGN_FRONTENDS,
  STORY_FRONTENDS,
  STORY_SETTINGS,
  UDP_FRONTENDS,
  WEBTORRENT_FRONTENDS,
} from "./story-frontends.ts";

let redis: RedisServer;
let trackers: StoryTracker[];
let newTransfer: () => string;
beforeAll(async () => {
  redis = await startRedis();
  const settings = { ...STORY_SETTINGS, STORE: "redis", REDIS_URL: redis.url };
  trackers = [await startStoryTracker(settings), await startStoryTracker(settings)];
  newTransfer = await publishTransfers(trackers, 140);
});
afterAll(async () => {
  for (const tracker of trackers) await tracker.close();
  await redis.close();
});

const options = { trackers: () => trackers, newTransfer: () => newTransfer() };
frontendStorySuite("redis, two trackers", {
  ...options,
  frontends: [...STORY_FRONTENDS, ...WEBTORRENT_FRONTENDS, ...FOREIGN_FRONTENDS],
});
sharedSwarmSuite("redis, two trackers", { ...options, frontends: STORY_FRONTENDS });
addressFamiliesSuite("redis, two trackers", { ...options, frontends: UDP_FRONTENDS });

it("redis: nothing of it went wrong inside the trackers", () => {
  expect(trackers.flatMap(({ complaints }) => complaints)).toEqual([]);
});
