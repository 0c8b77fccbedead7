// Bans as clients meet them: told the reason by every front end, and out of the swarm.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { FrontendClient, StoryPeer, StoryReply } from "../support/frontend-clients/frontend-client.ts";
import { publishTransfers, startStoryTracker, type StoryTracker } from "../support/story-tracker.ts";
import { newPeer, served } from "./frontend-story-suite.ts";
import { STORY_FRONTENDS, STORY_SETTINGS, WEBTORRENT_FRONTENDS } from "./story-frontends.ts";

const FRONTENDS = [...STORY_FRONTENDS, ...WEBTORRENT_FRONTENDS];
const KINDS = ["info-hash", "cidr", "client"] as const;
const REASON = "corrupt – see the wiki";
const HOST_BITS = { ipv4: 32, ipv6: 128 } as const;

let tracker: StoryTracker;
let newTransfer: () => string;
beforeAll(async () => {
  tracker = await startStoryTracker(STORY_SETTINGS);
  newTransfer = await publishTransfers([tracker], FRONTENDS.length * KINDS.length);
});
afterAll(() => tracker.close());

describe.each(FRONTENDS)("$name", ({ family, connect }) => {
  let client: FrontendClient;
  let infoHash: string;
  beforeEach(() => {
    client = connect(tracker);
    infoHash = newTransfer();
  });
  afterEach(async () => client.close());

  const say = (peer: StoryPeer): Promise<StoryReply> =>
    client.announce({ infoHash, peer, left: 16_384, event: "started" });

  it.each(KINDS)("tells a client of a banned %s why, takes it out of the swarm, and lets it in again", async (kind) => {
    const other = newPeer(family);
    const banned = { ...newPeer(family), peerId: other.peerId.replace("-LT2080-", "-BANNED-") };
    await say(other);
    expect(served(await say(banned)).incomplete).toBe(2);
    const path = {
      "info-hash": infoHash,
      cidr: `cidr/${banned.host}/${HOST_BITS[family]}`,
      client: `client/-BAN`,
    }[kind];
    await call("PUT", path, { reason: REASON });
    try {
      expect(await say(banned)).toEqual({ kind: "failure", reason: `banned: ${REASON}` });
      // Over IPv6 all peers are on one host.
      if (kind === "client" || (kind === "cidr" && family === "ipv4"))
        expect(served(await say(other)).incomplete).toBe(1);
    } finally {
      await call("DELETE", path);
    }
    expect(served(await say(banned)).incomplete).toBe(2);
    expect(await client.scrape(infoHash)).toMatchObject({ incomplete: 2 });
  });
});

it("nothing of it went wrong inside the tracker", () => {
  expect(tracker.complaints).toEqual([]);
});

async function call(method: string, path: string, body?: object): Promise<void> {
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  const answer = await fetch(`${tracker.url}/bans/${path}`, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(answer.ok, await answer.text()).toBe(true);
}
