// What the tracker says to WebTorrent clients, as JSON text; see webtorrent-message.ts.
import type { SwarmCounts } from "../swarm/announce.ts";
import type { InfoHash, PeerId } from "../swarm/identifiers.ts";

export interface WebtorrentReply {
  readonly infoHash: InfoHash;
  readonly intervalSeconds: number;
  readonly counts: SwarmCounts;
  readonly warning: string | undefined;
}

/** An offer or an answer on its way from `peerId` to another client. */
export interface Handshake {
  readonly kind: "offer" | "answer";
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  /** 20 bytes as latin1. */
  readonly offerId: string;
  readonly sdp: string;
}

export function printWebtorrentReply({ infoHash, intervalSeconds, counts, warning }: WebtorrentReply): string {
  return JSON.stringify({
    action: "announce",
    interval: intervalSeconds,
    info_hash: binary(infoHash),
    complete: counts.complete,
    incomplete: counts.incomplete,
    ...(warning !== undefined && { "warning message": warning }),
  });
}

export function printHandshake({ kind, infoHash, peerId, offerId, sdp }: Handshake): string {
  const description = { type: kind, sdp };
  return JSON.stringify({
    action: "announce",
    [kind]: description,
    offer_id: offerId,
    peer_id: peerId,
    info_hash: binary(infoHash),
  });
}

export function printWebtorrentScrape(counts: ReadonlyMap<InfoHash, SwarmCounts>, minIntervalSeconds: number): string {
  const files = [...counts].map(([infoHash, { complete, incomplete, completions }]) => [
    binary(infoHash),
    { complete, incomplete, downloaded: completions },
  ]);
  const flags = { min_request_interval: minIntervalSeconds };
  return JSON.stringify({ action: "scrape", files: Object.fromEntries(files), flags });
}

export interface WebtorrentFailure {
  readonly action: "announce" | "scrape" | undefined;
  readonly infoHash: InfoHash | undefined;
  readonly reason: string;
}

export function printWebtorrentFailure({ action, infoHash, reason }: WebtorrentFailure): string {
  return JSON.stringify({
    ...(action !== undefined && { action }),
    "failure reason": reason,
    ...(infoHash !== undefined && { info_hash: binary(infoHash) }),
  });
}

function binary(infoHash: InfoHash): string {
  return Buffer.from(infoHash, "hex").toString("latin1");
}
