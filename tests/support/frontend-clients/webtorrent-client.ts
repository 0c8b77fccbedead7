// WebTorrent's protocol as a client speaks it, each peer over a WebSocket of its own: who gets its offers is whom it is brought together with.
import { setTimeout as delay } from "node:timers/promises";
import {
  binary,
  connectWebtorrent,
  type WebtorrentClient,
  type WebtorrentPlace,
  type WebtorrentText,
} from "../webtorrent-client.ts";
import type { FrontendClient, StoryAnnounce, StoryReply } from "./frontend-client.ts";

/** Peers of one swarm, whichever tracker they are connected to, by peer id. */
type Swarm = Map<string, WebtorrentClient>;

const OFFERS = 10;
/** Offers reach clients of other trackers a moment after the reply. */
const PATIENCE_MS = 1000;
const SETTLED_MS = 30;

/** Makes clients that know of each other, so that one sees what another was sent. */
export function createWebtorrentClients(): (place: TrackerPlace) => FrontendClient {
  const swarms = new Map<string, Swarm>();
  return (place) => createClient(place, swarms);
}

type TrackerPlace = Pick<WebtorrentPlace, "port" | "ca" | "path">;

function createClient(place: TrackerPlace, swarms: Map<string, Swarm>): FrontendClient {
  const opened: WebtorrentClient[] = [];

  async function open(from: string): Promise<WebtorrentClient> {
    const client = await connectWebtorrent({ ...place, from });
    opened.push(client);
    return client;
  }

  return {
    nameOf: ({ peerId }) => peerId,
    async announce(announce) {
      const swarm = swarms.get(announce.infoHash) ?? new Map<string, WebtorrentClient>();
      swarms.set(announce.infoHash, swarm);
      const { peerId, host } = announce.peer;
      const known = swarm.get(peerId);
      const client = known !== undefined && opened.includes(known) ? known : await open(host);
      swarm.set(peerId, client);
      return await announceBy(client, announce, swarm);
    },
    async scrape(infoHash) {
      const client = await open("127.0.0.1");
      client.send({ action: "scrape", info_hash: binary(infoHash) });
      const { files } = (await client.next()) as { files: Record<string, Record<string, number>> };
      const counts = files[binary(infoHash)];
      if (counts === undefined) return undefined;
      return { complete: counts["complete"]!, incomplete: counts["incomplete"]!, completions: counts["downloaded"]! };
    },
    async close() {
      for (const client of opened) await client.close();
    },
  };
}

async function announceBy(client: WebtorrentClient, announce: StoryAnnounce, swarm: Swarm): Promise<StoryReply> {
  const { infoHash, peer, left, event, numwant = OFFERS } = announce;
  const said = event === "none" ? {} : { event };
  client.announce(infoHash, peer.peerId, { left, offerCount: numwant, ...said });
  const reply = await replyTo(client);
  const failure = reply["failure reason"] as string | undefined;
  if (failure !== undefined) return { kind: "failure", reason: failure };
  const [complete, incomplete] = [reply["complete"] as number, reply["incomplete"] as number];
  const isAlone = complete + incomplete < 2 || numwant === 0 || event === "stopped";
  const peers = isAlone ? [] : await offered(swarm, peer.peerId);
  return { kind: "peers", peers, complete, incomplete, intervalSeconds: reply["interval"] as number };
}

/** Offers of others may come first. */
async function replyTo(client: WebtorrentClient): Promise<WebtorrentText> {
  for (;;) {
    const message = await client.next();
    if (!("offer" in message)) return message;
  }
}

/** The peers that were sent an offer of this one. */
async function offered(swarm: Swarm, by: string): Promise<string[]> {
  const peers = new Set<string>();
  const deadline = Date.now() + PATIENCE_MS;
  for (let before = -1; peers.size > before || (peers.size === 0 && Date.now() < deadline);) {
    before = peers.size;
    for (const [peerId, client] of swarm) {
      if (peerId === by || client.socket.readyState !== client.socket.OPEN) continue;
      const messages = await client.rest();
      if (messages.some((message) => "offer" in message && message["peer_id"] === by)) peers.add(peerId);
    }
    await delay(SETTLED_MS);
  }
  return [...peers].toSorted();
}
