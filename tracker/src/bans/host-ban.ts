// Whether a host is banned, for connections that are of no torrent.
import { compactEndpoint, type HostAddress, type InfoHash, type PeerId } from "../swarm/identifiers.ts";
import type { BanLookup } from "./ban-list.ts";

/** Of no info-hash and no client that anybody could ban. */
const OF_NOTHING = { infoHash: "" as InfoHash, peerId: "" as PeerId, otherEndpoint: undefined };

export function isHostBanned(bans: BanLookup, host: HostAddress): boolean {
  return bans.turnsAway({ ...OF_NOTHING, endpoint: compactEndpoint(host, 0) }) !== undefined;
}
