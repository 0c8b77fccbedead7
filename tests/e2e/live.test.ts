// Two pages of a real Chromium find each other through /live and connect by PeerJS, and the tracker's own PeerJS server.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type BrowserSite, expectLog, keepPicture, logOf, startBrowserSite } from "../support/browser-site.ts";
import { sha256 } from "../support/live-client.ts";
import { startStoryTracker, type StoryTracker } from "../support/story-tracker.ts";

const PAGE = `<!doctype html><title>live</title><script src="/peerjs.min.js"></script><script src="/page.js"></script><pre id="log"></pre>`;
const BUNDLE = join(dirname(fileURLToPath(import.meta.resolve("peerjs"))), "peerjs.min.js");

let tracker: StoryTracker;
let site: BrowserSite;

beforeAll(async () => {
  tracker = await startStoryTracker({ PEERJS: "1" });
  site = await startBrowserSite({
    "/": PAGE,
    "/page.js": readFileSync(join(import.meta.dirname, "live/page.js")),
    "/peerjs.min.js": readFileSync(BUNDLE),
  });
});

afterAll(async () => {
  await site?.close();
  await tracker?.close();
});

it("two pages find each other through /live, and speak to each other by PeerJS", async () => {
  const { port } = tracker;
  const infoHash = sha256("a release");
  const [proofA, proofB] = ["a".repeat(64), "b".repeat(64)];
  const pageB = await site.openPage({ role: "follower", proof: proofB, infoHash, port });
  await expectLog(pageB, "subscribe: ok");
  const pageA = await site.openPage({ role: "announcer", proof: proofA, infoHash, port });
  await expectLog(pageB, "received: hello, too, from the announcer");
  expect(await logOf(pageB)).toContain(`found ${sha256(proofA)}`);
  expect(await logOf(pageA)).toContain(`received from ${sha256(proofB)}: hello from the follower`);
  await keepPicture(pageB, "live");
  await pageA.close();
  await expectLog(pageB, `lost ${sha256(proofA)}`);
  expect(tracker.complaints).toEqual([]);
});
