// What the same transfer costs without Rackcast: a swarm that does not know racks, and plain HTTP from one server. Pure.
import { BLIND_COPIES_PER_HOST } from "./measurements.ts";
import { type FleetRack, hostCount, type PlanRequest } from "./plan-request.ts";
import { secondsFor } from "./pulling-groups.ts";

export interface Alternative {
  /** Over the uplink of the rack that gets most. */
  readonly mostCopiesIntoRack: number;
  /** Over all uplinks together. */
  readonly uplinkBytes: number;
  readonly originCopies: number;
  /** At the budget of every link; what it takes at least. */
  readonly totalSeconds: number;
}

/** Nearly every host gets nearly everything over the uplink, because hosts of a rack have the same pieces at the same time. */
export function topologyBlindSwarm(request: PlanRequest): Alternative {
  return alternative(request, ({ hosts }) => Math.max(1, BLIND_COPIES_PER_HOST * hosts), 1);
}

export function httpFromOneServer(request: PlanRequest): Alternative {
  return alternative(request, (rack) => rack.hosts, hostCount(request));
}

function alternative(request: PlanRequest, copiesInto: (rack: FleetRack) => number, originCopies: number): Alternative {
  const { payloadBytes, budget, racks, datacenterMbps, accessMbps, originMbps } = request;
  const copies = racks.map(copiesInto);
  const total = copies.reduce((sum, one) => sum + one, 0);
  const secondsOn = (mbps: number, times: number) => times * secondsFor(payloadBytes, budget * mbps);
  const datacenters = [...datacenterMbps].map(([name, mbps]) => {
    const inside = copies.filter((_, index) => racks[index]?.datacenter === name);
    return secondsOn(
      mbps,
      inside.reduce((sum, one) => sum + one, 0),
    );
  });
  const uplinks = racks.map((rack, index) => secondsOn(rack.uplinkMbps, copies[index] ?? 0));
  const ends = [secondsOn(accessMbps, 1), secondsOn(originMbps, originCopies)];
  return {
    mostCopiesIntoRack: largest(copies),
    uplinkBytes: total * payloadBytes,
    originCopies,
    totalSeconds: largest([...uplinks, ...datacenters, ...ends]),
  };
}

function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number), 0);
}
