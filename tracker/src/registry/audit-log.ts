// Who changed what: the interface that the SQLite and the Redis registry implement.
import type { InfoHash } from "../swarm/identifiers.ts";

export const AUDIT_ACTIONS = [
  "register",
  "activate",
  "deactivate",
  "ban",
  "unban",
  "issue-key",
  "rotate-key",
  "revoke-key",
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export interface AuditEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly action: AuditAction;
  /** Undefined for a change that concerns no info-hash. */
  readonly infoHash: InfoHash | undefined;
  /** Who did it: the address that the call came from. */
  readonly actor: string;
  /** What was done, in JSON's values. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The newest entries are kept, at least so many; older ones may be forgotten. */
export const AUDIT_ENTRIES_KEPT = 100_000;

export interface AuditLog {
  /** Once its promise resolves the entry outlives the process. */
  append(entry: AuditEntry): Promise<void>;
  /** At most `limit` entries, in the order they were appended, newest first. */
  list(limit: number): Promise<readonly AuditEntry[]>;
}
