// Pictures of a swarm for the API: who is there, and why a peer is told of whom.
import { isActive } from "./activity.ts";
import { describeClient } from "./client-families.ts";
import type { Group } from "./group.ts";
import { openCircles } from "./handout.ts";
import { isIpv4, portOf, hostOf } from "./identifiers.ts";
import type { CompactEndpoint, HostAddress } from "./identifiers.ts";
import { VERDICTS } from "./introduction/introduction.ts";
import { isStuck } from "./life.ts";
import { obstacle, OBSTACLES, verdict } from "./pair.ts";
import { ORIGIN } from "./peer-table.ts";
import type { Swarm } from "./swarm.ts";
import type { ExplainedPair, ExplainedPeer, PeerView, Role } from "./views.ts";

/** Text form of an address; given by the caller, because text belongs to the edge. */
export type AddressText = (host: HostAddress) => string;

/** Text form of addresses and back. */
export interface AddressCodec {
  readonly text: AddressText;
  /** Undefined for text that is no address. */
  readonly parse: (text: string) => HostAddress | undefined;
}

/** Candidates explained for one peer. */
const MOST_EXPLAINED = 200;

export function viewPeer(swarm: Swarm, slot: number, text: AddressText, now: number): PeerView {
  const { table } = swarm;
  const second = table.secondEndpointOf(slot);
  const completedAt = table.completedAt[slot] ?? 0;
  return {
    peerId: toHex(table.idOf(slot)),
    client: describeClient(table.idOf(slot)),
    address: text(table.hostOf(slot)),
    endpoints: [table.endpointOf(slot), ...(second === undefined ? [] : [second])].map((each) => printed(each, text)),
    path: pathOf(swarm, slot),
    role: roleOf(swarm, slot),
    representedLevels: table.representsOf(slot),
    active: openCircles(swarm, slot, now).length > 1,
    seeder: table.isComplete(slot),
    left: table.leftOf(slot),
    uploaded: table.uploadedOf(slot),
    downloaded: table.downloadedOf(slot),
    downloadRate: table.rateOf(slot),
    firstSeenAt: (table.bornAt[slot] ?? 0) * 1000,
    lastSeenAt: table.seenAtOf(slot),
    completedAt: completedAt === 0 ? undefined : completedAt * 1000,
  };
}

/** Why the peer gets what it gets now; changes nothing. */
export function explainPeer(swarm: Swarm, slot: number, text: AddressText, now: number): ExplainedPeer {
  const open = openCircles(swarm, slot, now);
  const candidates: ExplainedPair[] = [];
  for (const circle of open) {
    for (const set of [circle.complete, circle.incomplete, circle.standingBy]) {
      for (const other of set) {
        if (other !== slot && candidates.length < MOST_EXPLAINED)
          candidates.push(explainPair(swarm, circle, [slot, other], text, now));
      }
    }
  }
  return { peer: viewPeer(swarm, slot, text, now), summary: summarise(swarm, slot, open, now), candidates };
}

function explainPair(
  swarm: Swarm,
  circle: Group,
  [one, other]: readonly [number, number],
  text: AddressText,
  now: number,
): ExplainedPair {
  const { table } = swarm;
  const scene = { swarm, circle, now };
  const hindrance = obstacle(scene, one, other);
  const rule = hindrance === undefined ? verdict(scene, one, other) : undefined;
  return {
    peerId: toHex(table.idOf(other)),
    address: text(table.hostOf(other)),
    path: pathOf(swarm, other),
    role: roleOf(swarm, other),
    handedOut: rule === "meet",
    reason: hindrance !== undefined ? OBSTACLES[hindrance] : VERDICTS[rule ?? "meet"],
  };
}

function summarise(swarm: Swarm, slot: number, open: readonly Group[], now: number): string {
  const { table, policy } = swarm;
  const state = table.isComplete(slot)
    ? "complete"
    : isStuck(table, slot, policy, now)
      ? "incomplete and stuck"
      : "incomplete";
  if (table.has(slot, ORIGIN)) return `${state}; an origin: serves its rack and every active representative`;
  const widest = open.at(-1);
  const reach =
    widest === undefined || widest.parent === undefined ? "the whole datacenter" : `its ${levelName(widest)}`;
  const rack = table.rackOf(slot);
  const represents = table.representsOf(slot) > 0 ? "represents its rack" : "a member";
  const standsBy =
    rack?.representatives.includes(slot) === true && !isActive(swarm, slot, rack, now) ? " and stands by" : "";
  return `${state}; ${represents}${standsBy}; may meet peers of ${reach}`;
}

function levelName(group: Group): string {
  return `${group.policy?.name ?? "group"} ${group.name}`;
}

function roleOf({ table }: Swarm, slot: number): Role {
  if (table.has(slot, ORIGIN)) return "origin";
  return table.representsOf(slot) > 0 ? "representative" : "member";
}

/** Outermost first. */
export function pathOf({ table }: Swarm, slot: number): string[] {
  const chain = table.rackOf(slot)?.chain ?? [];
  return chain
    .slice(0, -1)
    .map(({ name }) => name)
    .reverse();
}

function printed(endpoint: CompactEndpoint, text: AddressText): string {
  const host = text(hostOf(endpoint));
  return isIpv4(endpoint) ? `${host}:${portOf(endpoint)}` : `[${host}]:${portOf(endpoint)}`;
}

function toHex(latin1: string): string {
  return Array.from(latin1, (character) => character.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}
