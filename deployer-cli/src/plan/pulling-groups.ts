// Who pulls one copy from outside: a datacenter, or a rack that hangs on the core; and how long hosts inside take from then on. Pure.
import { clientRate } from "./client-rate.ts";
import { ANNOUNCES_PER_SECOND, PAYLOAD_PART, SHORTEST_ANNOUNCE_SECONDS } from "./measurements.ts";
import { type FleetRack, hostCount, type PlanRequest } from "./plan-request.ts";
import { secondsBehindPuller, secondsFromComplete } from "./spreading.ts";

/** A request with what is worked out of it once. */
export interface PacedRequest extends PlanRequest {
  /** What a client pulls from outside at most, Mbit/s. */
  readonly rateMbps: number;
  /** What hosts give each other inside a rack. */
  readonly hostMbps: number;
  readonly announceEverySeconds: number;
}

/** Announces of all hosts are to be answered by one tracker. */
export function paced(request: PlanRequest): PacedRequest {
  const rateMbps = clientRate(request);
  return {
    ...request,
    rateMbps,
    hostMbps: Math.min(request.budget * request.accessMbps, rateMbps),
    announceEverySeconds: Math.max(SHORTEST_ANNOUNCE_SECONDS, Math.ceil(hostCount(request) / ANNOUNCES_PER_SECOND)),
  };
}

export interface PullingGroup {
  readonly racks: readonly FleetRack[];
  /** Mbit/s that its links, the budget and the client's limit let it pull. */
  readonly mostMbps: number;
}

export function pullingGroups({ racks, datacenterMbps, budget, rateMbps }: PacedRequest): PullingGroup[] {
  const groups = Map.groupBy(racks, (rack) => rack.datacenter ?? rack);
  return [...groups].map(([key, inside]) => {
    const outer = typeof key === "string" ? (datacenterMbps.get(key) ?? Infinity) : Infinity;
    return { racks: inside, mostMbps: Math.min(rateMbps, budget * Math.min(outer, slowestUplink(inside))) };
  });
}

/** Groups of which all that matters is the same are one kind. */
export function kindOf({ racks, mostMbps }: PullingGroup): string {
  return JSON.stringify([mostMbps, ...racks.map(({ hosts, uplinkMbps }) => [hosts, uplinkMbps])]);
}

export interface Inside {
  /** From when the group has its copy until the rack's last host has it. */
  readonly fannedSeconds: number;
  /** The same where nobody is fed before the copy is complete, because it is passed on meanwhile. */
  readonly passingSeconds: number;
}

/** Of one rack of a group that takes `pullSeconds` for its copy. */
export function spreadInside(
  { payloadBytes, budget, hostMbps }: PacedRequest,
  { group, rack, pullSeconds, width }: { group: PullingGroup; rack: FleetRack; pullSeconds: number; width: number },
): Inside {
  const crossMbps = Math.min(hostMbps, budget * slowestUplink(group.racks));
  const between = { mates: group.racks.length - 1, pullSeconds, copySeconds: secondsFor(payloadBytes, crossMbps) };
  const within = { mates: rack.hosts - 1, pullSeconds, copySeconds: secondsFor(payloadBytes, hostMbps) };
  return {
    fannedSeconds: secondsBehindPuller(between, width) + secondsBehindPuller(within, width),
    passingSeconds: secondsFromComplete(between) + secondsFromComplete(within),
  };
}

function slowestUplink(racks: readonly FleetRack[]): number {
  return racks.reduce((slowest, { uplinkMbps }) => Math.min(slowest, uplinkMbps), Infinity);
}

/** For so many bytes of payload over a link that has no more than this to give. */
export function secondsFor(payloadBytes: number, mbps: number): number {
  return (payloadBytes * 8) / (mbps * 1e6 * PAYLOAD_PART);
}
