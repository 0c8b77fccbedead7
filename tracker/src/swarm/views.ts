// Plain pictures of a swarm for the API and the command; nothing here is on the announce path.

export type Role = "origin" | "representative" | "member";

export interface PeerView {
  /** 40 hex digits. */
  readonly peerId: string;
  /** What the peer id says of the client, such as `rtorrent/0.13.8`, or `unknown`. */
  readonly client: string;
  /** IPv4 or IPv6 text form of the host the peer is counted for. */
  readonly address: string;
  /** `address:port` / `[address]:port` of every known endpoint. */
  readonly endpoints: readonly string[];
  readonly path: readonly string[];
  readonly role: Role;
  /** How many levels the peer represents: 0 member, 1 its rack, … the number of levels: stands globally. */
  readonly representedLevels: number;
  /** True for the representatives that pull from, or serve, outside at the moment. */
  readonly active: boolean;
  readonly seeder: boolean;
  readonly left: number;
  readonly uploaded: number;
  readonly downloaded: number;
  /** Bytes a second, from the last announces; 0 when unknown or complete. */
  readonly downloadRate: number;
  /** Milliseconds since the epoch. */
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly completedAt: number | undefined;
}

/** Why one peer was, or would be, told of another. */
export interface ExplainedPair {
  readonly peerId: string;
  readonly address: string;
  readonly path: readonly string[];
  readonly role: Role;
  /** Would be handed out now. */
  readonly handedOut: boolean;
  /** One sentence: why, or why not. */
  readonly reason: string;
}

export interface ExplainedPeer {
  readonly peer: PeerView;
  /** One sentence on what the peer stands for and what it may do now. */
  readonly summary: string;
  readonly candidates: readonly ExplainedPair[];
}
