// The `bittorrent-tracker` package's client by WebSocket, as far as it goes without WebRTC; offers are made in tests/e2e/webtorrent.test.ts.
import { afterEach, beforeEach, expect, it } from "vitest";
import { newPeer } from "../conformance/frontend-story-suite.ts";
import type { FrontendClient, StoryAnnounce } from "../support/frontend-clients/frontend-client.ts";
import { createNpmClient } from "../support/frontend-clients/npm-client.ts";
import { publishTransfers, startStoryTracker, type StoryTracker } from "../support/story-tracker.ts";

let tracker: StoryTracker;
let clients: FrontendClient[];
let infoHash: string;
beforeEach(async () => {
  clients = [];
  tracker = await startStoryTracker({ INACTIVE_REPLY: "failure" });
  infoHash = (await publishTransfers([tracker], 1))();
});
afterEach(async () => {
  for (const client of clients) await client.close();
  await tracker.close();
  expect(tracker.complaints).toEqual([]);
});

/** In one process, clients of one URL share a connection; a node's key in the path makes it another URL. */
function connect(key: string): FrontendClient {
  const client = createNpmClient(`ws://127.0.0.1:${tracker.port}/announce/${key}`);
  clients.push(client);
  return client;
}

function join(key: string) {
  const [client, peer] = [connect(key), newPeer("ipv4")];
  return (left: number, event: StoryAnnounce["event"]) => client.announce({ infoHash, peer, left, event, numwant: 0 });
}

it("starts, goes on, completes and stops, and is told the counts each time and by scrape", async () => {
  const [seeder, leecher, observer] = [join("seeder"), join("leecher"), connect("observer")];
  expect(await seeder(0, "started")).toMatchObject({ complete: 1, incomplete: 0 });
  expect(await leecher(9, "started")).toMatchObject({ complete: 1, incomplete: 1 });
  expect(await leecher(5, "none")).toMatchObject({ complete: 1, incomplete: 1 });
  expect(await leecher(0, "completed")).toMatchObject({ complete: 2, incomplete: 0 });
  expect(await observer.scrape(infoHash)).toEqual({ complete: 2, incomplete: 0, completions: 1 });
  expect(await seeder(0, "stopped")).toMatchObject({ complete: 1, incomplete: 0 });
  expect(await observer.scrape(infoHash)).toEqual({ complete: 1, incomplete: 0, completions: 1 });
});

it("is told why a torrent is not served", async () => {
  const announce = { infoHash: "ab".repeat(20), peer: newPeer("ipv4"), left: 9, event: "started", numwant: 0 } as const;
  const reason = expect.stringContaining("publish its torrent") as string;
  expect(await connect("stranger").announce(announce)).toEqual({ kind: "failure", reason });
});
