// The registry's keys in Redis. What one script changes shares a hash tag, so that it is one slot of a Cluster.
import type { InfoHash } from "../../swarm/identifiers.ts";

export interface RegistryKey {
  readonly name: string;
  readonly type: "set" | "zset" | "hash" | "string" | "stream";
}

/** Keys that there is one of. */
export const REGISTRY_KEYS = {
  /** HASH of every transfer that was ever registered. */
  transfers: { name: "transfers", type: "set" },
  /** HASH of those that are active; told to people and jobs, the transfer's own `state` decides. */
  activeTransfers: { name: "active_transfers", type: "set" },
  /** Name to HASH of the transfer that has it. */
  names: { name: "transfer_names", type: "hash" },
  /** Name to the number of the claim by which the transfer has it. */
  claims: { name: "{transfer_names}:claims", type: "hash" },
  lastClaim: { name: "{transfer_names}:last_claim", type: "string" },
  /** Counts every change of a transfer. */
  version: { name: "transfers_version", type: "string" },
  /** HASH by the version of its last change. */
  changes: { name: "{transfers_version}:changes", type: "zset" },
  /** HASH, `cidr:<prefix>` or `client:<prefix>` to a ban, as JSON. */
  bans: { name: "bans", type: "hash" },
  /** Counts every change of a ban. */
  bansVersion: { name: "{bans}:version", type: "string" },
  /** User to what is kept of its announce key, as JSON. */
  announceKeys: { name: "announce_keys", type: "hash" },
  /** Counts every change of an announce key. */
  announceKeysVersion: { name: "{announce_keys}:version", type: "string" },
  /** User by the version of its latest change. */
  announceKeyChanges: { name: "{announce_keys}:changes", type: "zset" },
  audit: { name: "audit", type: "stream" },
} as const satisfies Readonly<Record<string, RegistryKey>>;

/** Field to value, as in `transfer-hash.ts`. */
export function transferKey(infoHash: InfoHash): RegistryKey {
  return { name: `{${hashOf(infoHash)}}:transfer`, type: "hash" };
}

/** The .torrent, byte for byte. */
export function torrentKey(infoHash: InfoHash): RegistryKey {
  return { name: `{${hashOf(infoHash)}}:torrent`, type: "string" };
}

/** Address of a host to its report, as JSON. */
export function reportsKey(infoHash: InfoHash): RegistryKey {
  return { name: `{${hashOf(infoHash)}}:reports`, type: "hash" };
}

/** The info-hash as keys and values in Redis spell it. */
export function hashOf(infoHash: InfoHash): string {
  return infoHash.toUpperCase();
}

/** Undefined for text that is no HASH. */
export function parseHash(text: string): InfoHash | undefined {
  return /^[0-9A-F]{40}$/.test(text) ? (text.toLowerCase() as InfoHash) : undefined;
}
