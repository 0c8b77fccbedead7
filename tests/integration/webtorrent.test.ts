// WebTorrent's protocol on a whole tracker: what each rule lets clients do and hear, by real WebSockets.
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { publishTransfers, type StoryTracker, startStoryTracker } from "../support/story-tracker.ts";
import {
  binary,
  connectWebtorrent,
  offerIdOf,
  offerOf,
  type WebtorrentClient,
  type WebtorrentText,
} from "../support/webtorrent-client.ts";

const [ANN, BOB, CAT, DAN] = ["A", "B", "C", "D"].map((name) => `-WW0208-00000000000${name}`) as [
  string,
  string,
  string,
  string,
];
const [RACK1, RACK2] = ["127.0.1.1", "127.0.2.1"];
const LIMITS = { WS_MAX_OFFERS: "3", WS_MAX_HASHES: "2", WS_MESSAGES_PER_SECOND: "50", WS_MAX_MESSAGE_BYTES: "4096" };

let tracker: StoryTracker;
let hash: string;
let transfer: () => string;
let clients: WebtorrentClient[];
async function start(settings: Record<string, string> = {}): Promise<void> {
  tracker = await startStoryTracker({ HOST: "127.0.0.1", ...LIMITS, ...settings });
  transfer = await publishTransfers([tracker], 3);
  hash = transfer();
}
beforeEach(async () => {
  clients = [];
  await start();
});
afterEach(async () => {
  for (const client of clients) client.socket.terminate();
  await tracker.close();
  expect(tracker.complaints).toEqual([]);
});

async function client(from = RACK1, path = "/"): Promise<WebtorrentClient> {
  const connected = await connectWebtorrent({ port: tracker.port, from, path });
  clients.push(connected);
  return connected;
}

/** A client that has announced and heard the answer. */
async function peer(peerId: string, from = RACK1, left = 9): Promise<WebtorrentClient> {
  const connected = await client(from);
  connected.announce(hash, peerId, { left, event: "started" });
  expect(await connected.next()).toMatchObject({
    action: "announce",
    info_hash: binary(hash),
    interval: expect.any(Number),
  });
  return connected;
}

async function health(): Promise<{ connections: Record<string, number>; faults: Record<string, number> }> {
  return (await (await fetch(`http://127.0.0.1:${tracker.port}/health`)).json()) as never;
}

async function counts(): Promise<WebtorrentText> {
  const asking = await client();
  asking.send({ action: "scrape", info_hash: binary(hash) });
  const { files } = (await asking.next()) as { files: Record<string, WebtorrentText> };
  await asking.close();
  return files[binary(hash)]!;
}

const answerTo = (peerId: string, from: string, number = 1) => ({
  action: "announce",
  info_hash: binary(hash),
  peer_id: from,
  to_peer_id: peerId,
  offer_id: offerIdOf(peerId, number),
  answer: { type: "answer", sdp: "v=0 answer" },
});

describe("offers and answers", () => {
  it("go between two peers by way of the tracker, and nowhere else", async () => {
    const [ann, cat] = [await peer(ANN), await peer(CAT, RACK1, 0)];
    const bob = await client();
    bob.announce(hash, BOB, { offerCount: 1, numwant: 1, event: "started" });
    expect(await bob.next()).toMatchObject({ complete: 1, incomplete: 2, interval: expect.any(Number) });
    const [atAnn, atCat] = [await ann.rest(), await cat.rest()];
    expect([...atAnn, ...atCat]).toEqual([
      { action: "announce", ...offerOf(BOB, 1), peer_id: BOB, info_hash: binary(hash) },
    ]);
    const [receiver, id] = atAnn.length > 0 ? [ann, ANN] : [cat, CAT];
    receiver.send(answerTo(BOB, id));
    const answer = { type: "answer", sdp: "v=0 answer" };
    const expected = { action: "announce", answer, offer_id: offerIdOf(BOB, 1), peer_id: id, info_hash: binary(hash) };
    expect(await bob.next()).toEqual(expected);
    expect([await ann.rest(), await bob.rest(), await cat.rest()]).toEqual([[], [], []]);
  });

  it("an answer reaches nobody unless it fits an offer that this peer was sent and has not answered", async () => {
    const [ann, cat] = [await peer(ANN), await peer(CAT)];
    const bob = await client();
    bob.announce(hash, BOB, { offerCount: 1 });
    const took = (await ann.rest()).length > 0 ? { socket: ann, id: ANN } : { socket: cat, id: CAT };
    const other = took.id === ANN ? { socket: cat, id: CAT } : { socket: ann, id: ANN };
    other.socket.send(answerTo(BOB, other.id));
    other.socket.send(answerTo(BOB, took.id));
    took.socket.send(answerTo(BOB, took.id, 2));
    await Promise.all([ann.rest(), cat.rest()]);
    await bob.next();
    expect(await bob.rest()).toEqual([]);
    took.socket.send(answerTo(BOB, took.id));
    took.socket.send(answerTo(BOB, took.id));
    await took.socket.rest();
    expect(await bob.rest()).toHaveLength(1);
    expect((await health()).faults).toMatchObject({ "webtorrent-stray-answer": 4 });
  });

  it("no more offers are passed on than WS_MAX_OFFERS and numwant", async () => {
    const others = await Promise.all([1, 2, 3, 4, 5].map((number) => peer(`-WW0208-peernumber-${number}`)));
    const passed = async (announce: WebtorrentText & { offerCount: number }) => {
      bob.announce(hash, BOB, announce);
      await bob.next();
      const heard = await Promise.all(others.map((one) => one.rest()));
      return heard.flat().length;
    };
    const bob = await client();
    expect(await passed({ offerCount: 5, numwant: 50 })).toBe(3);
    expect(await passed({ offerCount: 3, numwant: 1 })).toBe(1);
    expect(await passed({ offerCount: 0, numwant: 3 })).toBe(0);
    expect(await passed({ offerCount: 3, numwant: 3, event: "stopped" })).toBe(0);
  });

  it("offers go by the rack policy: beyond the rack from and to its active representative alone", async () => {
    await tracker.close();
    await start({ MAX_REPR_RACK: "1" });
    const [ann, bob] = [await peer(ANN, RACK1), await peer(BOB, "127.0.1.2")];
    const [cat, dan] = [await peer(CAT, RACK2), await peer(DAN, "127.0.2.2")];
    const heard = async () => {
      const all = await Promise.all([ann, bob, cat, dan].map((one) => one.rest()));
      return all.map((messages) => messages.filter(({ offer }) => offer !== undefined).map(({ peer_id }) => peer_id));
    };
    bob.announce(hash, BOB, { offerCount: 3 });
    await bob.rest();
    expect(await heard()).toEqual([[BOB], [], [], []]);
    cat.announce(hash, CAT, { offerCount: 3 });
    await cat.rest();
    expect(await heard()).toEqual([[CAT], [], [], [CAT]]);
  });
});

describe("the swarm of WebRTC peers", () => {
  it("is one for both address families", async () => {
    await tracker.close();
    await start({ HOST: "::" });
    const ann = await peer(ANN, RACK1);
    const bob = await client("::1");
    bob.announce(hash, BOB, { offerCount: 1 });
    expect(await bob.next()).toMatchObject({ complete: 0, incomplete: 2 });
    expect(await ann.next()).toMatchObject({ peer_id: BOB, offer: { type: "offer" } });
    ann.send(answerTo(BOB, ANN));
    expect(await bob.next()).toMatchObject({ peer_id: ANN, answer: { type: "answer" } });
  });

  it("is not that of BitTorrent peers, and both are seen by operators", async () => {
    await peer(ANN);
    const query = `info_hash=${hash.replace(/../g, "%$&")}&peer_id=-LT2080-000000000001&port=6881&uploaded=0&downloaded=0`;
    const reply = await fetch(`http://127.0.0.1:${tracker.port}/announce?${query}&left=5&compact=1`);
    expect(await reply.text()).toContain("5:peers0:");
    expect(await counts()).toEqual({ complete: 0, incomplete: 1, downloaded: 0 });
    const seen = await (await fetch(`http://127.0.0.1:${tracker.port}/transfers/${hash}/peers`)).json();
    const { peers } = seen as { peers: { client: string }[] };
    expect(peers).toHaveLength(2);
  });

  it("is left by stopped, by the end of the connection, and ends with the transfer", async () => {
    const [ann, bob] = [await peer(ANN), await peer(BOB, RACK1, 0)];
    expect(await counts()).toMatchObject({ complete: 1, incomplete: 1 });
    ann.announce(hash, ANN, { event: "stopped" });
    expect(await ann.next()).toMatchObject({ complete: 1, incomplete: 0 });
    bob.socket.terminate();
    await expect.poll(counts).toMatchObject({ complete: 0, incomplete: 0 });
    const cat = await peer(CAT);
    const url = `http://127.0.0.1:${tracker.port}/transfers/${hash}`;
    await fetch(`${url}/deactivate`, { method: "POST" });
    expect(await (await fetch(`${url}/peers`)).json()).toEqual({ peers: [] });
    const dan = await client();
    dan.announce(hash, DAN, { offerCount: 3 });
    expect(await dan.next()).toMatchObject({ "warning message": expect.stringContaining("inactive transfer") });
    expect(await cat.rest()).toEqual([]);
  });

  it("counts who completes", async () => {
    const ann = await peer(ANN);
    ann.announce(hash, ANN, { left: 0, event: "completed" });
    expect(await ann.next()).toMatchObject({ complete: 1, incomplete: 0 });
    expect(await counts()).toEqual({ complete: 1, incomplete: 0, downloaded: 1 });
  });

  it("keeps a peer's place for its client that connects again, and from others", async () => {
    const before = await peer(ANN);
    const stranger = await client("127.0.1.9");
    stranger.announce(hash, ANN);
    expect(await stranger.next()).toMatchObject({ "failure reason": expect.stringContaining("another host") });
    const after = await peer(ANN);
    await before.close();
    expect(await counts()).toMatchObject({ incomplete: 1 });
    const bob = await client();
    bob.announce(hash, BOB, { offerCount: 1 });
    expect(await after.next()).toMatchObject({ peer_id: BOB });
  });

  it("takes one peer id of a connection, and two swarms as WS_MAX_HASHES says", async () => {
    const ann = await peer(ANN);
    ann.announce(hash, BOB);
    expect(await ann.next()).toMatchObject({ "failure reason": expect.stringContaining("one connection a client") });
    const [second, third] = [transfer(), transfer()];
    ann.announce(second, ANN);
    expect(await ann.next()).toMatchObject({ complete: 0, incomplete: 1 });
    ann.announce(third, ANN);
    expect(await ann.next()).toMatchObject({ "failure reason": expect.stringContaining("2 swarms already") });
  });

  it("has nobody for a transfer that is not served, and says why", async () => {
    const ann = await client(RACK1, "/announce/some-key");
    ann.announce("00".repeat(20), ANN, { offerCount: 1 });
    const warning = { "warning message": expect.stringContaining("unknown transfer") };
    expect(await ann.next()).toMatchObject({ complete: 0, incomplete: 0, ...warning });
    expect(await ann.rest()).toEqual([]);
  });
});

describe("what is malformed", () => {
  it.each([
    ["no JSON", "{", "webtorrent-bad-json"],
    ["no action", "{}", "webtorrent-bad-action"],
    ["a scrape of everything", { action: "scrape" }, "webtorrent-bad-field"],
    ["an announce without peer_id", { action: "announce", info_hash: "h".repeat(20) }, "webtorrent-bad-field"],
  ])("gets a failure and is counted: %s", async (_, message, kind) => {
    const ann = await client();
    ann.send(message);
    expect(await ann.next()).toMatchObject({ "failure reason": expect.any(String) });
    expect(await health()).toMatchObject({ connections: { webtorrent: 1 }, faults: { [kind]: 1 } });
  });

  it("ends the connection where the frame is: too long, no UTF-8, no frame", async () => {
    const [long, binaryText, broken] = [await client(), await client(), await client()];
    long.send("x".repeat(4097));
    binaryText.socket.send(Buffer.from([0xff, 0xfe]));
    const { _socket: bare } = broken.socket as unknown as { _socket: { write(bytes: Buffer): void } };
    bare.write(Buffer.from([0xff, 0xff, 0xff]));
    expect(await Promise.all([long.closed(), binaryText.closed(), broken.closed()])).toEqual([1009, 1003, 1002]);
    const faults = { "webtorrent-message-too-long": 1, "webtorrent-bad-utf8": 1, "webtorrent-bad-frame": 1 };
    expect((await health()).faults).toMatchObject(faults);
  });

  it("a client that says too much is ended", async () => {
    const ann = await client();
    for (let sent = 0; sent < 300; sent++) ann.announce(hash, ANN);
    expect(await ann.closed()).toBe(1008);
    await expect.poll(counts).toMatchObject({ incomplete: 0 });
    expect((await health()).faults).toMatchObject({ "webtorrent-too-fast": 1 });
  });

  it("a handshake that is none is refused in HTTP", async () => {
    const socket = connect(tracker.port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
    expect((await health()).faults).toMatchObject({ "webtorrent-bad-handshake": 1 });
  });
});

describe("who may connect", () => {
  const refusal = async (from: string, headers: Record<string, string> = {}, path = "/") => {
    const socket = new WebSocket(`ws://127.0.0.1:${tracker.port}${path}`, { localAddress: from, headers });
    return await new Promise<string>((resolve) => {
      socket
        .once("error", (error) => resolve(error.message))
        .once("open", () => {
          socket.close();
          resolve("open");
        });
    });
  };

  it("hosts of ALLOW_CIDRS, so many in all and of one address", async () => {
    await tracker.close();
    const most = { WS_MAX_CONNECTIONS: "3", WS_MAX_CONNECTIONS_PER_ADDRESS: "2" };
    await start({ ...most, ALLOW_CIDRS: "127.0.1.0/24,127.0.2.0/24" });
    expect(await refusal("127.0.9.9")).toContain("403");
    const [first] = [await client(RACK1), await client(RACK1)];
    expect(await refusal(RACK1)).toContain("429");
    await client(RACK2);
    expect(await refusal("127.0.2.7")).toContain("503");
    await first.close();
    await expect.poll(() => refusal(RACK1)).toBe("open");
    expect((await health()).faults).toMatchObject({ "webtorrent-not-allowed": 1 });
  });

  it("at the paths of announces alone, and not with WEBTORRENT=off", async () => {
    expect(await refusal(RACK1, {}, "/announce")).toBe("open");
    expect(await refusal(RACK1, {}, "/transfers")).toContain("404");
    await tracker.close();
    await start({ WEBTORRENT: "off" });
    expect(await refusal(RACK1)).toContain("404");
  });

  it("behind a trusted proxy as the host that it speaks for", async () => {
    await tracker.close();
    await start({ PROXYPASS: "on" });
    const socket = new WebSocket(`ws://127.0.0.1:${tracker.port}/`, { headers: { "x-forwarded-for": "127.0.2.7" } });
    await new Promise((resolve) => socket.once("open", resolve));
    socket.send(JSON.stringify({ action: "announce", info_hash: binary(hash), peer_id: ANN, left: 1 }));
    await new Promise((resolve) => socket.once("message", resolve));
    const seen = await (await fetch(`http://127.0.0.1:${tracker.port}/transfers/${hash}/peers`)).json();
    expect(seen).toMatchObject({ peers: [{ rack: "rack2" }] });
    socket.terminate();
  });
});
