// The names of a swarm's keys in Redis (ops/docs/redis-model.md): one hash tag a swarm, so that a swarm is one slot of a Cluster.
import type { InfoHash } from "../../swarm/identifiers.ts";

/** `{HASH}:`, which every key of the swarm begins with. */
export function swarmPrefix(infoHash: InfoHash): string {
  return `{${infoHash.toUpperCase()}}:`;
}

/** Keys of a swarm, without its prefix. */
export const SWARM_KEYS = {
  swarm: "swarm",
  changes: "changes",
  told: "told",
  departed: "departed",
  groups: "groups",
  transfer: "transfer",
  /** All live peers, scored by when each is gone unless heard of (milliseconds since the epoch). */
  peers: "peers:N",
  /** Whoever represents a rack, at least; scored by place in line, as all that follow. */
  representatives: "peers:R",
  seeders: "peers:S",
  leechers: "peers:L",
  /** A stream: the counts of the sets above in the course of time. */
  statistics: "statistics",
} as const;

/** Global keys: what was ever seen (seed 004). */
export const RACKS = "racks";
export const TRANSFERS = "transfers";
export const ACTIVE_TRANSFERS = "active_transfers";

export function rackKey(path: string): string {
  return `rack:${path}`;
}

/** Of a group inside a swarm: a rack by its whole path, a wider group by its part of it. `level` 0 is the rack. */
export function groupKey(path: readonly string[], level: number): string {
  const part = path.slice(0, path.length - level).join("/");
  return level === 0 ? rackKey(part) : `group:${part}`;
}
