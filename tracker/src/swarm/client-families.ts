// What the peer id says of a client, and what is known of how that client behaves (Azureus-style ids, BEP 20).
import type { PeerId } from "./identifiers.ts";

export interface ClientFamily {
  readonly name: string;
  /**
   * Sends HAVE only along with other messages, so that a peer connected before the pieces came is not told of them (libtorrent
   * of rtorrent: bundled at a choke, request or piece, or at the 120 s tick).
   */
  readonly lateHave: boolean;
  /** The shortest interval the client can be brought to by a reply, in seconds. */
  readonly shortestIntervalSeconds: number;
}

const UNKNOWN: ClientFamily = { name: "unknown", lateHave: false, shortestIntervalSeconds: 300 };

const FAMILIES: readonly (readonly [code: string, family: ClientFamily])[] = [
  ["", UNKNOWN],
  ["lt", { name: "rtorrent", lateHave: true, shortestIntervalSeconds: 300 }],
  ["LT", { name: "libtorrent", lateHave: false, shortestIntervalSeconds: 300 }],
  ["A2", { name: "aria2", lateHave: false, shortestIntervalSeconds: 60 }],
  ["TR", { name: "transmission", lateHave: false, shortestIntervalSeconds: 60 }],
  ["qB", { name: "qBittorrent", lateHave: false, shortestIntervalSeconds: 300 }],
  ["DE", { name: "deluge", lateHave: false, shortestIntervalSeconds: 300 }],
  ["WW", { name: "WebTorrent", lateHave: false, shortestIntervalSeconds: 60 }],
];

const NUMBERS = new Map(FAMILIES.map(([code], number) => [code, number]));

/** A small integer for the peer table; `clientFamily` gives what is behind it. */
export function familyNumber(peerId: PeerId): number {
  return NUMBERS.get(clientCode(peerId)) ?? 0;
}

export function clientFamily(number: number): ClientFamily {
  return FAMILIES[number]?.[1] ?? UNKNOWN;
}

/** `rtorrent/0.13.8`, or `unknown`. The version is the one in the peer id, which for rtorrent is its libtorrent's. */
export function describeClient(peerId: PeerId): string {
  const { name } = clientFamily(familyNumber(peerId));
  return name === UNKNOWN.name ? name : `${name}/${clientVersion(peerId)}`;
}

function clientCode(peerId: PeerId): string {
  return peerId.startsWith("A2-") ? "A2" : peerId.slice(1, 3);
}

function clientVersion(peerId: PeerId): string {
  if (peerId.startsWith("A2-")) return peerId.slice(3).split("-").slice(0, 3).join(".");
  // Two digits each, where others have one.
  if (peerId.startsWith("-WW")) return `${Number(peerId.slice(3, 5))}.${Number(peerId.slice(5, 7))}`;
  const [major, minor, patch, tag] = Array.from(peerId.slice(3, 7), (digit) => String(Number.parseInt(digit, 36)));
  return tag === undefined || tag === "NaN" || tag === "0"
    ? `${major ?? "?"}.${minor ?? "?"}.${patch ?? "?"}`
    : `${major ?? "?"}.${minor ?? "?"}.${patch ?? "?"}.${tag}`;
}
