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
  /** Where it listens in the other family, when somebody trusted says so; the client is one peer all the same. */
  readonly otherEndpoint: CompactEndpoint | undefined;
  /** The family that the answer has room for (BEP 15); peers without an address in it are not handed out. */
  readonly reach: Reach;
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

export type Reach = "any" | "ipv4" | "ipv6";

/**
 * The peers that one announce is answered with, as the bytes of compact replies. It is the store's own memory, and the same at
 * every announce that is answered at once: read it before the store is asked again.
 */
export interface Handout {
  /** How many peers; one of both families counts once. */
  readonly size: number;
  /** IPv4 endpoints, 6 bytes each (BEP 23); the first `v4Length` bytes count. */
  readonly v4: Uint8Array;
  readonly v4Length: number;
  /** IPv6 endpoints, 18 bytes each (BEP 7); the first `v6Length` bytes count. */
  readonly v6: Uint8Array;
  readonly v6Length: number;
  /** The same one by one, with peer ids; costs time, and can be kept. */
  peers(): HandoutPeer[];
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
  | { readonly kind: "accepted"; readonly handout: Handout; readonly counts: SwarmCounts }
  /** The announce contradicts a known peer's identity; `reason` may be shown to the client. */
  | { readonly kind: "refused"; readonly reason: string };
