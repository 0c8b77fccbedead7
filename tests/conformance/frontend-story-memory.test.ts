import { afterAll, beforeAll, expect, it } from "vitest";
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

let tracker: StoryTracker;
let newTransfer: () => string;
beforeAll(async () => {
  tracker = await startStoryTracker(STORY_SETTINGS);
  newTransfer = await publishTransfers([tracker], 140);
});
afterAll(() => tracker.close());

const options = { trackers: () => [tracker], newTransfer: () => newTransfer() };
frontendStorySuite("memory", {
  ...options,
  frontends: [...STORY_FRONTENDS, ...WEBTORRENT_FRONTENDS, ...FOREIGN_FRONTENDS],
});
sharedSwarmSuite("memory", { ...options, frontends: STORY_FRONTENDS });
addressFamiliesSuite("memory", { ...options, frontends: UDP_FRONTENDS });

it("memory: nothing of it went wrong inside the tracker", () => {
  expect(tracker.complaints).toEqual([]);
});
