// Holds what a client of the live channel may rely on, with real connections to a tracker by itself.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connectLive, type LiveClient, presentBy, randomProof, sha256 } from "../support/live-client.ts";
import { startStoryTracker, type StoryTracker } from "../support/story-tracker.ts";

let tracker: StoryTracker;
const clients: LiveClient[] = [];
let hashes = 0;

beforeAll(async () => {
  tracker = await startStoryTracker({ LIVE_MAX_HASHES: "1500", LIVE_MAX_CONNECTIONS_PER_HOST: "60" });
});
afterAll(() => tracker.close());
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

async function join(proof?: string): Promise<LiveClient> {
  const client = await connectLive(tracker.port, proof);
  clients.push(client);
  return client;
}

const newHash = () => sha256(`hash ${hashes++}`);
const announced = (client: LiveClient, info_hash: string) => ({ action: "announce", peer: client.peer, info_hash });
const unannounced = (client: LiveClient, info_hash: string) => ({
  ...announced(client, info_hash),
  action: "unannounce",
});

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 5_000; !holds() && Date.now() < end;) await new Promise((go) => setTimeout(go, 5));
  expect(holds()).toBe(true);
}

describe("the live channel", () => {
  it("tells of who is there already, of who comes and of who goes, until it is unsubscribed", async () => {
    const [early, late, follower] = [await join(), await join(), await join()];
    const infoHash = newHash();
    await early.request("announce", [infoHash]);
    expect(await follower.request("subscribe", [infoHash])).toMatchObject({ action: "subscribe", status: "ok" });
    expect(follower.told).toEqual([announced(early, infoHash)]);
    await late.request("announce", [infoHash, infoHash]);
    await late.request("announce", [infoHash]);
    await early.request("unannounce", [infoHash]);
    await until(() => follower.told.length === 3);
    expect(follower.told.slice(1)).toEqual([announced(late, infoHash), unannounced(early, infoHash)]);
    await follower.request("unsubscribe", [infoHash]);
    await late.request("unannounce", [infoHash]);
    await follower.request("subscribe", [infoHash]);
    expect(follower.told).toHaveLength(3);
    expect(early.told.concat(late.told)).toEqual([]);
  });

  it("unannounces all that a peer announced when its connection ends", async () => {
    const [peer, follower] = [await join(), await join()];
    const mine = [newHash(), newHash(), newHash()];
    await follower.request("subscribe", mine);
    await peer.request("announce", mine);
    await peer.close();
    await until(() => follower.told.length === 6);
    for (const infoHash of mine) expect(presentBy(follower.told, infoHash)).toEqual([]);
  });

  it("lets a later connection with the same proof take the earlier one's place", async () => {
    const proof = randomProof();
    const [before, follower] = [await join(proof), await join()];
    const infoHash = newHash();
    await follower.request("subscribe", [infoHash]);
    await before.request("announce", [infoHash]);
    const after = await join(proof);
    expect(await before.closed).toMatchObject({ code: 4409 });
    await after.request("announce", [infoHash]);
    await until(() => follower.told.length === 3);
    expect(follower.told.map(({ action }) => action)).toEqual(["announce", "unannounce", "announce"]);
  });

  it.each(["", "a".repeat(63), "A".repeat(64), "-".repeat(64), '{"action":"announce"}'])(
    "closes with 4400 who begins with %j",
    async (proof) => await expect(join(proof)).rejects.toThrow("closed with 4400"),
  );

  it("refuses what is no request, says why, and goes on; in the end it closes", async () => {
    const client = await join();
    const refusal = client.refusal();
    client.send("{}");
    expect(await refusal).toMatchObject({ status: "error", reason: expect.stringContaining("messageID") });
    expect(await client.request("shout", [newHash()])).toMatchObject({ status: "error" });
    expect(await client.request("announce", [newHash()])).toMatchObject({ status: "ok" });
    for (let sent = 0; sent < 60; sent++) client.send(new Uint8Array([1, 2, 3]));
    expect(await client.closed).toMatchObject({ code: 1008 });
  });

  it("bounds a frame, a request, and what a connection announces and subscribes to", async () => {
    const client = await join();
    const many = Array.from({ length: 1_501 }, newHash);
    expect(await client.request("announce", many.slice(0, 1_001))).toMatchObject({ status: "error" });
    for (const action of ["announce", "subscribe"]) {
      expect(await client.request(action, many.slice(0, 1_000))).toMatchObject({ status: "ok" });
      expect(await client.request(action, many.slice(1_000, 1_501))).toMatchObject({ status: "error" });
      expect(await client.request(action, many.slice(500, 1_500))).toMatchObject({ status: "ok" });
    }
    client.send("x".repeat(200_000));
    expect(await client.closed).toMatchObject({ code: 1009 });
  });

  it("is counted by /health", async () => {
    await join();
    const health = async () => (await fetch(`${tracker.url}/health`)).json();
    await expect.poll(health).toMatchObject({ connections: { live: 1 } });
  });

  it("lets no banned host connect, and lets it again once the ban is lifted", async () => {
    const ban = `${tracker.url}/bans/cidr/127.0.0.1/32`;
    const headers = { "content-type": "application/json" };
    await fetch(ban, { method: "PUT", headers, body: JSON.stringify({ reason: "in repair" }) });
    await expect(connectLive(tracker.port)).rejects.toThrow("closed with 1006");
    await fetch(ban, { method: "DELETE" });
    await join();
  });

  it("lets one address have so many connections and no more", async () => {
    const open = await Promise.all(Array.from({ length: 60 }, () => join()));
    await expect(connectLive(tracker.port)).rejects.toThrow("closed");
    await open[0]?.close();
    await until(() => !open[0]!.isOpen());
    await join();
  });

  it("tells every follower one story, whatever comes and goes while it subscribes", async () => {
    const shared = Array.from({ length: 5 }, newHash);
    const peers = await Promise.all(Array.from({ length: 12 }, () => join()));
    const followers = await Promise.all(Array.from({ length: 12 }, () => join()));
    const any = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;
    const truth = new Map(peers.map((peer) => [peer.peer, new Set<string>()]));
    const announcing = peers.map(async (peer) => {
      for (let round = 0; round < 60; round++) {
        const [action, infoHash] = [any(["announce", "unannounce"]), any(shared)];
        if (action === "announce") truth.get(peer.peer)!.add(infoHash);
        else truth.get(peer.peer)!.delete(infoHash);
        await peer.request(action, [infoHash]);
      }
    });
    const subscribing = followers.map(async (follower, index) => {
      for (let at = 0; at < index; at++) await follower.request("unsubscribe", shared);
      await follower.request("subscribe", shared);
    });
    await Promise.all([...announcing, ...subscribing]);
    const last = newHash();
    await Promise.all(followers.map((follower) => follower.request("subscribe", [last])));
    for (const infoHash of shared) {
      const present = [...truth].filter(([, own]) => own.has(infoHash)).map(([peer]) => peer);
      for (const { told } of followers) expect(presentBy(told, infoHash)).toEqual(present.sort());
      const histories = followers.map(({ told }) => told.filter(({ info_hash }) => info_hash === infoHash).map(keyOf));
      const longest = histories.reduce((one, other) => (other.length > one.length ? other : one));
      for (const history of histories) expect(isToldInOrder(history, longest)).toBe(true);
    }
  });
});

it("brings PeerJS along where PEERJS=1 says so, and nowhere else", async () => {
  const other = await startStoryTracker({ PEERJS: "1" });
  const answers = await Promise.all([tracker, other].map(({ url }) => fetch(`${url}/peerjs/peerjs/id`)));
  expect(answers.map(({ status }) => status)).toEqual([404, 200]);
  await other.close();
});

it("ends its connections with 1001 when the tracker stops", async () => {
  const other = await startStoryTracker({});
  const client = await connectLive(other.port);
  await other.close();
  expect(await client.closed).toMatchObject({ code: 1001 });
});

const keyOf = ({ action, peer }: { action: string; peer: string }) => `${action} ${peer}`;

/** After its replay, a history is the end of the longer one. */
function isToldInOrder(history: readonly string[], whole: readonly string[]): boolean {
  let shared = 0;
  while (shared < history.length && history.at(-1 - shared) === whole.at(-1 - shared)) shared++;
  return history.slice(0, history.length - shared).every((event) => event.startsWith("announce"));
}
