// What one announce says and what it is answered with, in the domain's terms.
import type { CompactEndpoint, HostAddress, PeerId } from "./identifiers.ts";

/** `none` is the regular announce; `paused` is BEP 21. */
export type AnnounceEvent = "none" | "started" | "completed" | "stopped" | "paused";

/** One client's report about one swarm (BEP 3), with the place its address resolved to. */
export interface Announce {
  readonly peerId: PeerId;
  /** The client's `key` parameter, `""` when it sent none. Confirms an identity; is not unique. */
  readonly key: string;
  /** Where the client listens, in the address family the announce came over. */
  readonly endpoint: CompactEndpoint;
  /** One name per level, outermost first; as many as the policy has levels. */
  readonly path: readonly string[];
  readonly event: AnnounceEvent;
  /** Bytes still to download; 0 for a seeder. Non-negative integers, all three. */
  readonly left: number;
  readonly uploaded: number;
  readonly downloaded: number;
  /** How many peers are asked for; undefined leaves it to the tracker. */
  readonly numwant: number | undefined;
}

/** What the registry says of a transfer that matters to its swarm. */
export interface TransferTerms {
  /** Hosts declared as sources at activation; empty when none was declared. */
  readonly origins: ReadonlySet<HostAddress>;
}

/** One handed-out peer: at least one endpoint is set. */
export interface HandoutPeer {
  readonly peerId: PeerId;
  readonly v4: CompactEndpoint | undefined;
  readonly v6: CompactEndpoint | undefined;
}

export interface SwarmCounts {
  /** Live seeders (`complete` of BEP 48), origins included. */
  readonly complete: number;
  /** Live leechers (`incomplete`). */
  readonly incomplete: number;
  /** How often a leecher became complete (`downloaded` of BEP 48). */
  readonly completions: number;
}

export type AnnounceOutcome =
  | { readonly kind: "accepted"; readonly peers: readonly HandoutPeer[]; readonly counts: SwarmCounts }
  /** The announce contradicts a known peer's identity; `reason` may be shown to the client. */
  | { readonly kind: "refused"; readonly reason: string };
