// Two pages of a real Chromium find each other through /live and connect by PeerJS, and the tracker's own PeerJS server.
import { createServer, type Server } from "node:http";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sha256 } from "../support/live-client.ts";
import { startStoryTracker, type StoryTracker } from "../support/story-tracker.ts";

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Host candidates with the address itself: nobody here resolves names by multicast.
  "--disable-features=WebRtcHideLocalIpsWithMdns",
];
const PAGE = `<!doctype html><title>live</title><script src="/peerjs.min.js"></script><script src="/page.js"></script><pre id="log"></pre>`;

let tracker: StoryTracker;
let site: Server;
let folder: string;
let browser: BrowserContext;

beforeAll(async () => {
  tracker = await startStoryTracker({ PEERJS: "1" });
  site = createServer((request, response) => {
    const script = request.url === "/page.js" ? join(import.meta.dirname, "live/page.js") : bundle();
    response.setHeader("content-type", request.url === "/" ? "text/html" : "text/javascript");
    response.end(request.url === "/" ? PAGE : readFileSync(script));
  });
  await new Promise<void>((listening) => site.listen(0, "127.0.0.1", listening));
  folder = await mkdtemp(join(tmpdir(), "rackcast-chromium-"));
  browser = await chromium.launchPersistentContext(folder, { executablePath: "/usr/bin/chromium", args: ARGS });
});

afterAll(async () => {
  await browser?.close();
  site?.close();
  await tracker?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

const require = createRequire(import.meta.url);
const bundle = () => join(dirname(require.resolve("peerjs")), "peerjs.min.js");

async function openPage(role: string, proof: string, infoHash: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
  const call = `run(${JSON.stringify({ role, proof, infoHash, port: tracker.port })})`;
  await page.evaluate(`void ${call}`);
  return page;
}

const logOf = (page: Page) => page.locator("#log").innerText();

it("two pages find each other through /live, and speak to each other by PeerJS", async () => {
  const infoHash = sha256("a release");
  const [proofA, proofB] = ["a".repeat(64), "b".repeat(64)];
  const pageB = await openPage("follower", proofB, infoHash);
  await expect.poll(() => logOf(pageB)).toContain("subscribe: ok");
  const pageA = await openPage("announcer", proofA, infoHash);
  await expect.poll(() => logOf(pageB), { timeout: 20_000 }).toContain("received: hello, too, from the announcer");
  expect(await logOf(pageB)).toContain(`found ${sha256(proofA)}`);
  expect(await logOf(pageA)).toContain(`received from ${sha256(proofB)}: hello from the follower`);
  const pictures = process.env["RACKCAST_PICTURES"];
  if (pictures) await pageB.screenshot({ path: join(pictures, "live.png") });
  await pageA.close();
  await expect.poll(() => logOf(pageB)).toContain(`lost ${sha256(proofA)}`);
  expect(tracker.complaints).toEqual([]);
});
