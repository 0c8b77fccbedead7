import { afterAll, beforeAll, expect, it } from "vitest";
import { startStoryTracker, type StoryTracker } from "../support/story-tracker.ts";
import { frontendStorySuite, sharedSwarmSuite } from "./frontend-story-suite.ts";
import { FOREIGN_FRONTENDS, STORY_FRONTENDS } from "./story-frontends.ts";

let tracker: StoryTracker;
beforeAll(async () => {
  tracker = await startStoryTracker({ INACTIVE_REPLY: "failure" });
});
afterAll(() => tracker.close());

const options = { trackers: () => [tracker], frontends: STORY_FRONTENDS };
frontendStorySuite("memory", { ...options, frontends: [...STORY_FRONTENDS, ...FOREIGN_FRONTENDS] });
sharedSwarmSuite("memory", options);

it("memory: nothing of it went wrong inside the tracker", () => {
  expect(tracker.complaints).toEqual([]);
});
