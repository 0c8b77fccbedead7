// One store, two swarms for a torrent: browsers (WebRTC) and other clients (TCP, uTP) cannot connect to each other.
import { createHash } from "node:crypto";
import type { InfoHash } from "../swarm/identifiers.ts";
import type { SwarmStore } from "./swarm-store.ts";

/** The name under which a store keeps the WebRTC swarm of a torrent. */
export function webrtcSwarm(infoHash: InfoHash): InfoHash {
  return createHash("sha1").update(`webtorrent:${infoHash}`).digest("hex") as InfoHash;
}

const MOST_KNOWN = 10_000;

/** The store as WebRTC peers see it: only each other. */
export function webrtcSwarms(store: SwarmStore): SwarmStore {
  const nameOf = createNames();
  return {
    announce: (request) => store.announce({ ...request, infoHash: nameOf(request.infoHash) }),
    scrape: (infoHash) => store.scrape(nameOf(infoHash)),
    inspect: (infoHash, now) => store.inspect(nameOf(infoHash), now),
    explain: (infoHash, host, now) => store.explain(nameOf(infoHash), host, now),
    sweep: (now) => store.sweep(now),
    drop: (infoHash) => store.drop(nameOf(infoHash)),
    close: () => store.close(),
  };
}

/** The store as operators see it: both swarms as one. */
export function allTransports(store: SwarmStore): SwarmStore {
  const webrtc = webrtcSwarms(store);
  return {
    ...store,
    async scrape(infoHash) {
      const [one, other] = [await store.scrape(infoHash), await webrtc.scrape(infoHash)];
      return {
        complete: one.complete + other.complete,
        incomplete: one.incomplete + other.incomplete,
        completions: one.completions + other.completions,
      };
    },
    async inspect(infoHash, now) {
      return [...(await store.inspect(infoHash, now)), ...(await webrtc.inspect(infoHash, now))];
    },
    async explain(infoHash, host, now) {
      return [...(await store.explain(infoHash, host, now)), ...(await webrtc.explain(infoHash, host, now))];
    },
    async drop(infoHash) {
      await store.drop(infoHash);
      await webrtc.drop(infoHash);
    },
  };
}

/** Hashing costs as much as an announce. */
function createNames(): (infoHash: InfoHash) => InfoHash {
  const known = new Map<InfoHash, InfoHash>();
  return (infoHash) => {
    const before = known.get(infoHash);
    if (before !== undefined) return before;
    if (known.size >= MOST_KNOWN) known.clear();
    const name = webrtcSwarm(infoHash);
    known.set(infoHash, name);
    return name;
  };
}
