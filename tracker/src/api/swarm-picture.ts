// What the API tells of a swarm: hosts, racks and progress, all computed from the peers that are live.
import type { Static } from "typebox";
import type { ExplainedPeer as ExplainedPeerView, PeerView } from "../swarm/views.ts";
import { byName } from "./name-order.ts";
import type { ExplainedPeer, Host, Rack } from "./schemas.ts";
import { timeText, timeTextOrNull } from "./time-text.ts";

type HostPicture = Static<typeof Host>;

export interface SwarmPicture {
  readonly hosts: HostPicture[];
  readonly racks: Static<typeof Rack>[];
  /** 0..1 over the targets, a missing one counting 0; without targets over the live hosts that are no origins. */
  readonly progress: number;
  /** Targets that no complete peer is at. */
  readonly missingHosts: string[];
}

export function pictureSwarm(
  peers: readonly PeerView[],
  lengthBytes: number,
  targets: readonly string[],
): SwarmPicture {
  const reached = progressByAddress(peers, lengthBytes);
  const hosts = peers.map((peer) => pictureHost(peer, lengthBytes));
  return {
    hosts,
    racks: pictureRacks(hosts),
    progress: targets.length > 0 ? mean(targets.map((target) => reached.get(target) ?? 0)) : progressOf(hosts),
    missingHosts: targets.filter((target) => reached.get(target) !== 1),
  };
}

export function pictureExplained({ peer, summary, candidates }: ExplainedPeerView): Static<typeof ExplainedPeer> {
  return {
    peer: { ...picturePeer(peer), endpoints: [...peer.endpoints] },
    summary,
    candidates: candidates.map((pair) => ({ ...pair, path: [...pair.path] })),
  };
}

function pictureHost(peer: PeerView, lengthBytes: number): HostPicture {
  return { ...picturePeer(peer), rack: peer.path.join("/"), progress: share(peer, lengthBytes) };
}

function picturePeer(peer: PeerView) {
  const { peerId, client, address, role, representedLevels, active, seeder } = peer;
  const { left, uploaded, downloaded, downloadRate } = peer;
  return {
    peerId,
    client,
    address,
    path: [...peer.path],
    role,
    representedLevels,
    active,
    seeder,
    left,
    uploaded,
    downloaded,
    downloadRate,
    firstSeenAt: timeText(peer.firstSeenAt),
    lastSeenAt: timeText(peer.lastSeenAt),
    completedAt: timeTextOrNull(peer.completedAt),
  };
}

/** 1 is kept for complete peers: no rounding makes one of the others. */
function share({ seeder, left }: PeerView, lengthBytes: number): number {
  if (seeder) return 1;
  return Math.min(Math.max(1 - left / lengthBytes, 0), 1 - Number.EPSILON);
}

/** By every address a client is reachable at: a target may be declared by either family. */
function progressByAddress(peers: readonly PeerView[], lengthBytes: number): Map<string, number> {
  const best = new Map<string, number>();
  for (const peer of peers) {
    for (const address of new Set([peer.address, ...peer.endpoints.map(addressOf)])) {
      best.set(address, Math.max(best.get(address) ?? 0, share(peer, lengthBytes)));
    }
  }
  return best;
}

function addressOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf(":")).replace(/^\[|\]$/g, "");
}

function pictureRacks(hosts: readonly HostPicture[]): Static<typeof Rack>[] {
  const racks = Map.groupBy(hosts, ({ rack }) => rack);
  const sorted = [...racks].sort(([one], [other]) => byName(one, other));
  return sorted.map(([rack, members]) => ({
    rack,
    path: members[0]?.path ?? [],
    hosts: addresses(members),
    representatives: addresses(members.filter(({ representedLevels }) => representedLevels > 0)),
    seeders: addresses(members.filter(({ seeder }) => seeder)),
    progress: members.every(({ role }) => role === "origin")
      ? mean(members.map(({ progress }) => progress))
      : progressOf(members),
  }));
}

function addresses(hosts: readonly HostPicture[]): number {
  return new Set(hosts.map(({ address }) => address)).size;
}

/** Two clients on one host count as the better one. */
function progressOf(hosts: readonly HostPicture[]): number {
  const best = new Map<string, number>();
  for (const { role, address, progress } of hosts) {
    if (role !== "origin") best.set(address, Math.max(best.get(address) ?? 0, progress));
  }
  return mean([...best.values()]);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
