// What can be banned, and what a ban says: the words that the registry, the ban file and the API share.
import type { InfoHash } from "../swarm/identifiers.ts";

export const BAN_KINDS = ["info-hash", "cidr", "client"] as const;

export type BanKind = (typeof BAN_KINDS)[number];

/**
 * What a ban is of, in the one canonical text form that `ban-subject.ts` gives: lowercase hex of an info-hash, a prefix with
 * its length such as `10.0.0.0/8`, or the first bytes of peer ids with what is not printable as `%0a`.
 */
export interface BanSubject {
  readonly kind: BanKind;
  readonly value: string;
}

export interface Ban extends BanSubject {
  /** Told to the clients that are turned away. */
  readonly reason: string;
  /** Milliseconds since the epoch; stays when the reason is replaced. */
  readonly bannedAt: number;
  /** `api`: made by a control call, and lifted by one; `file`: a line of the ban file, and lifted there. */
  readonly source: "api" | "file";
}

export const LONGEST_REASON = 200;

export function infoHashSubject(infoHash: InfoHash): BanSubject {
  return { kind: "info-hash", value: infoHash };
}
