// What was measured, and what the tracker's policy does: the numbers that a plan is made from, each with its source.

/**
 * The part of a link's bits that is payload: 1448 of a full packet's 1514 bytes, less acknowledgements and requests. A
 * topology-blind swarm that keeps an uplink full needs 124.0 s for 10.97 copies of 64 MiB at 50 Mbit/s (README, "What it
 * costs"), 56.8 s for 5.00: both are 0.945.
 */
export const PAYLOAD_PART = 0.945;

/** Copies into a rack ÷ its hosts, in a topology-blind swarm of rtorrents: 1.00 with 5 hosts, 0.91 with 12 (same table). */
export const BLIND_COPIES_PER_HOST = 0.91;

/** How many mates a complete host feeds at a time: the policy's RACK_TAKERS (tracker/src/swarm/introduction/sharing.ts). */
export const COMPLETE_TAKERS = 4;

/**
 * How many mates a host feeds at least before it is complete itself: the policy's NARROWEST_FAN. It does so where the tracker
 * takes its link for that much wider than what it pulls. Those mates feed others before they are complete in fans of 4, and were
 * not seen to in fans of 2 (netlab, together: links of 25 into racks and 50 Mbit/s to hosts, 48 MiB, 33.0 s).
 */
export const NARROWEST_FAN = 2;
export const NARROWEST_BRANCHING = 4;

/** How far behind its source a mate is at the end, as a part of the time that its source takes: the policy's margins (fan.ts). */
export const FAN_LAG = { puller: 0.25, branch: 0.15 } as const;

/** How far a rack is behind the one that passes its copy on to it: what the policy's CHAIN_REACH leaves. */
export const CHAIN_LAG = 0.13;

/** rtorrent's tracker requests are one connection each: 5,500 a second are answered on one processor (README); half is left free. */
export const ANNOUNCES_PER_SECOND = 2750;
/** Below it rtorrent ends itself for asking too often. */
export const SHORTEST_ANNOUNCE_SECONDS = 2;
