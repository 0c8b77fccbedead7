// What follows from the speed of the links for how one copy is passed on.
import type { LinkSpeeds, SwarmPolicy } from "./policy.ts";

/** Assumed where nobody said how fast the links are: an access link carries four times what an uplink does. */
const ASSUMED = { uplink: 1, access: 4, origin: 4 } as const;

/** Uplink ÷ access link: the part of its access link that a representative needs to pass on what it pulls. */
export function uplinkToAccess({ links = ASSUMED }: SwarmPolicy): number {
  return Math.min(1, links.uplink / links.access);
}

/** How many representatives an origin can feed at a time, each as fast as an uplink carries. */
export function originFanout({ links = ASSUMED }: SwarmPolicy): number {
  return Math.max(1, Math.floor(links.origin / links.uplink));
}

/** The rate at which a representative pulls when nothing but its uplink holds it back, in bytes a second. */
export function uplinkRate({ uplink }: LinkSpeeds): number {
  return (uplink * 1e6) / 8;
}
