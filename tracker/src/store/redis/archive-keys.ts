// The names of an archived swarm's keys: `<datetime>:{HASH}:…`, in the same slot of a Cluster as the swarm itself.
import type { InfoHash } from "../../swarm/identifiers.ts";
import { SWARM_KEYS } from "./keys.ts";

/** All archives, by name. The score of one that is not complete yet is 0, then it is when it expires, milliseconds since the epoch. */
export const ARCHIVES = "archives";
/** Of a swarm that is being archived: the archive's datetime. */
export const ARCHIVING = "archiving";
/** Of an archive: how far it is, and when it expires. */
export const PROGRESS = "progress";

/** Keys of a swarm that are always the same ones. Its transfer stays, and is copied. */
export const FIXED_KEYS = Object.values(SWARM_KEYS).filter((key) => key !== SWARM_KEYS.transfer);

export interface ArchiveName {
  readonly infoHash: InfoHash;
  /** When the transfer was deactivated: ISO 8601, UTC, milliseconds. */
  readonly datetime: string;
}

/** `<datetime>:{HASH}`, which every key of the archive begins with. */
export function archiveNameText({ infoHash, datetime }: ArchiveName): string {
  return `${datetime}:{${infoHash.toUpperCase()}}`;
}

/** Undefined for text that is no archive's name. */
export function parseArchiveName(text: string): ArchiveName | undefined {
  const [, datetime, hash] = /^(.+):\{([0-9A-F]{40})\}$/.exec(text) ?? [];
  if (datetime === undefined || hash === undefined) return undefined;
  return { infoHash: hash.toLowerCase() as InfoHash, datetime };
}
