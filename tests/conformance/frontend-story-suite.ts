// One story – start, complete, pause, stop, scrape, and what is refused – told through every front end, with any store.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type {
  FrontendClient,
  StoryAnnounce,
  StoryPeer,
  StoryReply,
} from "../support/frontend-clients/frontend-client.ts";
import type { StoryTracker } from "../support/story-tracker.ts";
import type { StoryFrontend } from "./story-frontends.ts";

export interface StoryOptions {
  /** Trackers that share their swarms, or a single one. */
  readonly trackers: () => readonly StoryTracker[];
  /** The info-hash of a transfer that nobody has announced yet. */
  readonly newTransfer: () => string;
  readonly frontends: readonly StoryFrontend[];
}

type Said = Partial<Pick<StoryAnnounce, "left" | "event" | "numwant">>;
type Told = Extract<StoryReply, { kind: "peers" }>;

const LEFT = 16_384;
const UNREGISTERED = "ab".repeat(20);

let peers = 0;

/** A prompt client in rack1, so that everybody meets at once. */
export function newPeer(family: StoryFrontend["family"]): StoryPeer {
  const number = ++peers;
  const peerId = `-LT2080-${String(number).padStart(12, "0")}`;
  const host = family === "ipv4" ? `127.0.1.${1 + (number % 250)}` : "::1";
  return { peerId, key: number, host, port: 7000 + number };
}

export function frontendStorySuite(store: string, { trackers, newTransfer, frontends }: StoryOptions): void {
  describe.each([...frontends])(`${store}, $name: the story of a swarm`, ({ family, connect }) => {
    let clients: FrontendClient[];
    let infoHash: string;
    beforeEach(() => {
      clients = trackers().map(connect);
      infoHash = newTransfer();
    });
    afterEach(async () => {
      for (const client of clients) await client.close();
    });

    const here = () => clients[0]!;
    const elsewhere = () => clients.at(-1)!;
    const peer = () => newPeer(family);
    const say = (client: FrontendClient, who: StoryPeer, said: Said = {}) =>
      client.announce({ infoHash, peer: who, left: LEFT, event: "started", ...said });
    const told = async (client: FrontendClient, who: StoryPeer, said?: Said) => served(await say(client, who, said));

    it("brings a peer that starts together with the one that is there", async () => {
      const seeder = peer();
      expect(await told(here(), seeder, { left: 0 })).toMatchObject({ complete: 1, incomplete: 0, peers: [] });
      const reply = await told(elsewhere(), peer());
      expect(reply).toMatchObject({ complete: 1, incomplete: 1, peers: [here().nameOf(seeder)] });
      expect(reply.intervalSeconds).not.toBe(0);
    });

    it("counts a peer once, however often it announces", async () => {
      const leecher = peer();
      await say(here(), leecher);
      expect(await told(elsewhere(), leecher, { event: "none" })).toMatchObject({ complete: 0, incomplete: 1 });
      expect(await here().scrape(infoHash)).toEqual({ complete: 0, incomplete: 1, completions: 0 });
    });

    it("counts a completion once, and its peer as complete from then on", async () => {
      const leecher = peer();
      await say(here(), leecher);
      expect(await told(here(), leecher, { left: 0, event: "completed" })).toMatchObject({
        complete: 1,
        incomplete: 0,
      });
      await say(here(), leecher, { left: 0, event: "completed" });
      expect(await elsewhere().scrape(infoHash)).toEqual({ complete: 1, incomplete: 0, completions: 1 });
    });

    it("forgets a peer that stops", async () => {
      const [seeder, leecher] = [peer(), peer()];
      await say(here(), seeder, { left: 0 });
      await say(here(), leecher);
      expect(await told(here(), seeder, { left: 0, event: "stopped" })).toMatchObject({ complete: 0, peers: [] });
      expect(await elsewhere().scrape(infoHash)).toEqual({ complete: 0, incomplete: 1, completions: 0 });
      expect((await told(elsewhere(), peer())).peers).toEqual([here().nameOf(leecher)]);
    });

    it("counts a peer that wants nobody, and leaves it alone", async () => {
      const [seeder, leecher] = [peer(), peer()];
      await say(here(), seeder, { left: 0 });
      expect(await told(here(), leecher, { numwant: 0 })).toMatchObject({ complete: 1, incomplete: 1, peers: [] });
      expect((await told(elsewhere(), peer())).peers).toEqual([seeder, leecher].map(here().nameOf).toSorted());
    });

    it("brings a peer together with no more than it wants", async () => {
      for (const left of [0, LEFT, LEFT]) await say(here(), peer(), { left });
      expect((await told(here(), peer(), { numwant: 2 })).peers).toHaveLength(2);
    });

    it("keeps a peer that pauses", async () => {
      const [partial, leecher] = [peer(), peer()];
      await say(here(), partial);
      expect(await told(here(), partial, { event: "paused" })).toMatchObject({ complete: 0, incomplete: 1 });
      expect((await told(elsewhere(), leecher)).peers).toEqual([here().nameOf(partial)]);
    });

    it("says of a torrent that is not registered what to do, and counts nothing of it", async () => {
      const reply = await here().announce({ infoHash: UNREGISTERED, peer: peer(), left: LEFT, event: "started" });
      expect(reply).toEqual({ kind: "failure", reason: expect.stringContaining("publish its torrent") });
      const nothing = { complete: 0, incomplete: 0, completions: 0 };
      expect([undefined, nothing]).toContainEqual(await here().scrape(UNREGISTERED));
    });
  });
}

/** One swarm behind all front ends of a family. */
export function sharedSwarmSuite(store: string, { trackers, newTransfer, frontends }: StoryOptions): void {
  const ways = frontends.flatMap((first) =>
    frontends
      .filter((second) => second !== first && second.family === first.family)
      .map((second) => ({ first, second, name: `${first.name}, then ${second.name}` })),
  );
  it.each(ways)(`${store}: peers of two front ends meet ($name)`, async ({ first, second }) => {
    const one = first.connect(trackers()[0]!);
    const other = second.connect(trackers().at(-1)!);
    const infoHash = newTransfer();
    const [seeder, leecher] = [newPeer(first.family), newPeer(second.family)];
    await one.announce({ infoHash, peer: seeder, left: 0, event: "started" });
    const reply = served(await other.announce({ infoHash, peer: leecher, left: LEFT, event: "started" }));
    expect(reply).toMatchObject({ complete: 1, incomplete: 1, peers: [other.nameOf(seeder)] });
    await one.close();
    await other.close();
  });
}

export function served(reply: StoryReply): Told {
  if (reply.kind === "failure") throw new Error(`refused: ${reply.reason}`);
  return reply;
}
