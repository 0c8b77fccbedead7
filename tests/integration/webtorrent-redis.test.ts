// WebTorrent's clients of several trackers that share a Redis: one that moves from tracker to tracker.
import { afterEach, beforeEach, expect, it } from "vitest";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { publishTransfers, startStoryTracker, type StoryTracker } from "../support/story-tracker.ts";
import { connectWebtorrent, type WebtorrentClient } from "../support/webtorrent-client.ts";

const [ANN, BOB] = ["-WW0208-00000000000A", "-WW0208-00000000000B"];

let redis: RedisServer;
let trackers: StoryTracker[];
let hash: string;
const clients: WebtorrentClient[] = [];
beforeEach(async () => {
  redis = await startRedis();
  const settings = { STORE: "redis", REDIS_URL: redis.url };
  trackers = [await startStoryTracker(settings), await startStoryTracker(settings)];
  hash = (await publishTransfers(trackers, 1))();
});
afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.terminate();
  for (const tracker of trackers) await tracker.close();
  await redis.close();
});

async function connect(tracker: number): Promise<WebtorrentClient> {
  const client = await connectWebtorrent({ port: trackers[tracker]!.port, from: "127.0.1.1" });
  clients.push(client);
  return client;
}

async function join(tracker: number, peerId: string): Promise<WebtorrentClient> {
  const client = await connect(tracker);
  client.announce(hash, peerId, { event: "started" });
  expect(await client.next()).toMatchObject({ complete: 0 });
  return client;
}

it("a client that connected again at another tracker is reached there, and stays when its connection before ends", async () => {
  const before = await join(0, ANN);
  const after = await join(1, ANN);
  const bob = await connect(0);
  bob.announce(hash, BOB, { offerCount: 1 });
  expect(await bob.next()).toMatchObject({ complete: 0, incomplete: 2 });
  expect(await after.next()).toMatchObject({ peer_id: BOB, offer: { type: "offer" } });
  expect(await before.rest()).toEqual([]);
  await before.close();
  const healthy = { connections: { webtorrent: 1 } };
  await expect.poll(async () => (await fetch(`${trackers[0]!.url}/health`)).json()).toMatchObject(healthy);
  bob.announce(hash, BOB);
  expect(await bob.next()).toMatchObject({ complete: 0, incomplete: 2 });
});
