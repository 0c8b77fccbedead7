// The settings of the swarm policy, as plain data.

/** How peers of one group are introduced to each other; see `swarm/introduction/`. */
export type IntroductionName = "plain" | "late" | "fan";

/** One level of the topology. */
export interface LevelPolicy {
  /** Such as `dc`, `row` or `rack`. */
  readonly name: string;
  /** How many members of a group of this level may represent it in the next wider group (`MAX_REPR`). At least 1. */
  readonly maxRepresentatives: number;
  /** How many of those pull from outside at a time (`ACTIVE_REPR`). 1 to `maxRepresentatives`. */
  readonly activeRepresentatives: number;
}

/** What BitTorrent may use of each link, in Mbit/s. */
export interface LinkSpeeds {
  /** A rack's link to the others (`UPLINK_MBITS`). */
  readonly uplink: number;
  /** A host's link to its rack (`ACCESS_MBITS`). */
  readonly access: number;
  /** An origin's link (`ORIGIN_MBITS`). */
  readonly origin: number;
}

export interface SwarmPolicy {
  /** Outermost first; the last one is the rack. At least one. */
  readonly levels: readonly LevelPolicy[];
  /** Most peers in one handout (`MAXPEERS`). */
  readonly maxPeers: number;
  /** `auto` picks by client: `fan` for clients that send HAVE late, `plain` for prompt ones (`INTRODUCTION`). */
  readonly introduction: IntroductionName | "auto";
  /** How fast the links are; undefined leaves it to be assumed, with a mate of every rack held back in case it is wrong. */
  readonly links: LinkSpeeds | undefined;
  /** How often the rendered client configuration announces while incomplete (`ANNOUNCE_EVERY`). */
  readonly announceEverySeconds: number;
  /** The interval that active swarms are told (`ACTIVE_INTERVAL`). */
  readonly activeIntervalSeconds: number;
}

export const DEFAULT_POLICY: SwarmPolicy = {
  levels: [{ name: "rack", maxRepresentatives: 2, activeRepresentatives: 1 }],
  maxPeers: 50,
  introduction: "auto",
  links: undefined,
  announceEverySeconds: 2,
  activeIntervalSeconds: 15,
};
