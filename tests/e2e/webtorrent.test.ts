// Pages of a real Chromium exchange a release by the real WebTorrent bundle, introduced by the tracker over WebSockets.
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { buildTorrent } from "../../deployer-cli/src/torrent/torrent-building.ts";
import { type BrowserSite, expectLog, keepPicture, logOf, PATIENT, startBrowserSite } from "../support/browser-site.ts";
import { publishTorrent, startStoryTracker, type StoryTracker } from "../support/story-tracker.ts";
import { binary, connectWebtorrent } from "../support/webtorrent-client.ts";

const PAGE = `<!doctype html><title>webtorrent</title><script type="module" src="/page.js"></script><pre id="log"></pre>`;
const BUNDLE = join(dirname(fileURLToPath(import.meta.resolve("webtorrent"))), "dist/webtorrent.min.js");
const PAYLOAD_BYTES = 3 * 2 ** 20 + 1;
const PIECE_LENGTH_BYTES = 64 * 2 ** 10;

let folder: string;
let tracker: StoryTracker;
let site: BrowserSite;
let payload: Buffer;
let infoHash: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rackcast-webtorrent-"));
  tracker = await startStoryTracker({ WEBTORRENT_INTERVAL: "5" });
  payload = randomBytes(PAYLOAD_BYTES);
  await writeFile(join(folder, "release.bin"), payload);
  const torrent = await torrentOf(`ws://127.0.0.1:${tracker.port}`);
  infoHash = await publishTorrent(tracker.url, torrent);
  const files = {
    "/": PAGE,
    "/page.js": readFileSync(join(import.meta.dirname, "webtorrent/page.js")),
    "/webtorrent.min.js": readFileSync(BUNDLE),
    "/release.bin": payload,
    "/ws.torrent": torrent,
    "/wss.torrent": await torrentOf(`wss://127.0.0.1:${tracker.tls.port}`),
  };
  site = await startBrowserSite(files, ["--ignore-certificate-errors"]);
});
afterEach(async () => {
  await site?.close();
  await tracker?.close();
  await rm(folder, { recursive: true, force: true });
  expect(tracker.complaints).toEqual([]);
});

/** The same torrent whatever its tracker. */
async function torrentOf(announceUrl: string): Promise<Uint8Array> {
  const path = join(folder, "release.bin");
  return (await buildTorrent({ path, announceUrl, pieceLengthBytes: PIECE_LENGTH_BYTES })).bytes;
}

const seed = (torrent: string) =>
  site.openPage({ torrent, payload: "/release.bin", pieceLengthBytes: PIECE_LENGTH_BYTES });
const download = (torrent: string) => site.openPage({ torrent });

async function expectPayload(page: Page): Promise<void> {
  await expectLog(page, `complete: ${createHash("sha256").update(payload).digest("hex")}`);
}

async function scrape(): Promise<unknown> {
  const client = await connectWebtorrent({ port: tracker.port, from: "127.0.0.1" });
  client.send({ action: "scrape", info_hash: binary(infoHash) });
  const { files } = (await client.next()) as { files: Record<string, unknown> };
  await client.close();
  return files[binary(infoHash)];
}

async function status(): Promise<{
  readonly seeders: number;
  readonly leechers: number;
  readonly completions: number;
}> {
  return (await (await fetch(`${tracker.url}/transfers/${infoHash}`)).json()) as never;
}

async function setState(change: "activate" | "deactivate"): Promise<void> {
  const json = { "content-type": "application/json" };
  const url = `${tracker.url}/transfers/${infoHash}/${change}`;
  expect((await fetch(url, { method: "POST", headers: json, body: "{}" })).status).toBe(200);
}

it("a page that waits for the release gets it from one that comes later, and the tracker counts both", async () => {
  const leecher = await download("/ws.torrent");
  await expectLog(leecher, "announced");
  expect(await scrape()).toEqual({ complete: 0, incomplete: 1, downloaded: 0 });
  expect(await status()).toMatchObject({ seeders: 0, leechers: 1, completions: 0 });
  const seeder = await seed("/ws.torrent");
  await expectPayload(leecher);
  await expect.poll(scrape, PATIENT).toEqual({ complete: 2, incomplete: 0, downloaded: 1 });
  expect(await status()).toMatchObject({ seeders: 2, leechers: 0, completions: 1 });
  await keepPicture(leecher, "webtorrent");
  await seeder.close();
  await expect.poll(scrape, PATIENT).toEqual({ complete: 1, incomplete: 0, downloaded: 1 });
});

it("a page that speaks TLS to the tracker gets the release from one that does not", async () => {
  await expectLog(await seed("/ws.torrent"), "announced");
  const leecher = await download("/wss.torrent");
  await expectPayload(leecher);
  expect(await logOf(leecher)).not.toContain("warning");
});

it("a page is introduced to nobody once the transfer is inactive, and to the seeder when it is active again", async () => {
  const seeder = await seed("/ws.torrent");
  await expectLog(seeder, "announced");
  await setState("deactivate");
  const leecher = await download("/ws.torrent");
  await expectLog(leecher, "activate it");
  expect(await status()).toMatchObject({ seeders: 0, leechers: 0 });
  await leecher.waitForTimeout(3_000);
  expect(await logOf(leecher)).not.toContain("connected to");
  await setState("activate");
  await expectPayload(leecher);
});
