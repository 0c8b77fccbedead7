// Where a tracker keeps its swarms and transfers: the parts that STORE chooses between, opened and closed as one.
import type { LedgerPlace } from "../accounting/accounting-settings.ts";
import type { LiveDirectory } from "../live/directory.ts";
import type { Registry } from "../registry/registry.ts";
import type { SwarmStore } from "../store/swarm-store.ts";
import type { AddressCodec } from "../swarm/inspection.ts";
import type { SwarmPolicy } from "../swarm/policy.ts";

export interface Storage {
  readonly store: SwarmStore;
  readonly registry: Registry;
  /** Where what clients move is kept, should somebody count it. */
  readonly ledger: LedgerPlace;
  /** Of the live channel; forgets all when the tracker ends. */
  readonly live: LiveDirectory;
  /** What `/readyz` asks: each throws, or rejects, with what is wrong. */
  readonly checks: Readonly<Record<string, () => unknown>>;
  /** To be called once a name. Undefined where no other tracker shares the swarms. */
  readonly openChannel: ((name: string) => TrackerChannel) | undefined;
  /** Saves what is not saved yet. */
  close(): Promise<void>;
}

/** What trackers that share their swarms tell each other: at most once, and lost where nobody can be reached. */
export interface TrackerChannel {
  /** Heard by all others, not by this tracker. */
  publish(text: string): void;
  onMessage(receive: (text: string) => void): void;
}

export interface StorageParts {
  readonly policy: SwarmPolicy;
  readonly codec: AddressCodec;
  readonly log: StorageLog;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds on a clock that never jumps. */
  readonly elapsed: () => number;
  /** 0 inclusive to 1 exclusive. */
  readonly random: () => number;
}

export interface StorageLog {
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
}

/** Ends what was opened, the latest first. */
export async function closeAll(closing: (() => unknown)[]): Promise<void> {
  for (let end = closing.pop(); end !== undefined; end = closing.pop()) await end();
}
