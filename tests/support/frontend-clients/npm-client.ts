// The `bittorrent-tracker` package's client, which speaks HTTP, UDP and WebSocket; it calls from 127.0.0.1, whatever its peers are said to.
import { once } from "node:events";
import { setImmediate as settled } from "node:timers/promises";
import type Client from "bittorrent-tracker/client";
import { blockNativeWebRtc } from "../without-webrtc.ts";
import type { FrontendClient, StoryAnnounce, StoryPeer, StoryReply } from "./frontend-client.ts";

type ClientClass = typeof Client;

/** No WebRTC is there to make offers with: by WebSocket its peers want nobody (`numwant: 0`). */
const NO_WEBRTC_NEEDED = {};

/** `url` is that of announces: `http:`, `udp:` or `ws:`. */
export function createNpmClient(url: string): FrontendClient {
  const clients = new Map<string, Promise<Client>>();

  function clientOf(infoHash: string, { peerId, port }: Pick<StoryPeer, "peerId" | "port">): Promise<Client> {
    const name = infoHash + peerId;
    const made =
      clients.get(name) ??
      loadClient().then((NpmClient) => {
        const hexId = Buffer.from(peerId, "latin1").toString("hex");
        return new NpmClient({ infoHash, peerId: hexId, port, announce: url, wrtc: NO_WEBRTC_NEEDED });
      });
    clients.set(name, made);
    return made;
  }

  return {
    nameOf: ({ port }) => `127.0.0.1:${port}`,
    async announce(announce) {
      return await announceBy(await clientOf(announce.infoHash, announce.peer), announce);
    },
    async scrape(infoHash) {
      const client = await clientOf(infoHash, { peerId: "-XX0000-scraper00000", port: 1 });
      // What it calls a warning is an answer without the torrent.
      const answer = once(client, "scrape");
      const nothing = once(client, "warning").then(() => undefined);
      client.scrape();
      const [counts] = ((await Promise.race([answer, nothing])) ?? []) as [ScrapeCounts?];
      if (counts === undefined) return undefined;
      return { complete: counts.complete, incomplete: counts.incomplete, completions: counts.downloaded };
    },
    async close() {
      for (const client of clients.values()) end(await client);
    },
  };
}

interface ScrapeCounts {
  readonly complete: number;
  readonly incomplete: number;
  readonly downloaded: number;
}

async function loadClient(): Promise<ClientClass> {
  blockNativeWebRtc();
  return (await import("bittorrent-tracker/client")).default;
}

async function announceBy(client: Client, { left, event, numwant }: StoryAnnounce): Promise<StoryReply> {
  const peers: string[] = [];
  const listen = (peer: string) => void peers.push(peer);
  client.on("peer", listen);
  const answer = once(client, "update");
  const refusal = once(client, "warning").then(([warning]) => (warning as Error).message);
  say(client, { left, ...(numwant !== undefined && { numwant }) }, event);
  const outcome = await Promise.race([answer, refusal]);
  // Peers are told one by one right after the update.
  await settled();
  client.off("peer", listen);
  if (typeof outcome === "string") return { kind: "failure", reason: outcome };
  const { complete, incomplete } = outcome[0] as { complete: number; incomplete: number };
  return { kind: "peers", peers: peers.toSorted(), complete, incomplete, intervalSeconds: undefined };
}

function say(client: Client, options: { left: number; numwant?: number }, event: StoryAnnounce["event"]): void {
  if (event === "started") client.start(options);
  else if (event === "completed") client.complete(options);
  else if (event === "stopped") client.stop(options);
  else if (event === "none") client.update(options);
  else client._announce({ uploaded: 0, downloaded: 0, numwant: 50, ...options, event });
}

/** It lets go of its sockets a second later, which is no reason to wait. */
function end(client: Client): void {
  client.on("warning", () => undefined).on("error", () => undefined);
  client.destroy(() => undefined);
}
