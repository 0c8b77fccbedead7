// A plan as scripts read it: every rack by itself, bytes and seconds as numbers. Pure.
import type { Plan } from "./plan.ts";
import { hostCount } from "./plan-request.ts";

export function planJson({ request, estimate, settings, topologyBlindSwarm, httpFromOneServer }: Plan): object {
  const { payloadBytes, budget, rackSlots } = request;
  const { clientMbps, fedByOrigin, worst, totalSeconds, racks } = estimate;
  return {
    payloadBytes,
    hosts: hostCount(request),
    budget,
    slots: rackSlots,
    clientMbps,
    fedByOrigin,
    totalSeconds,
    lastRack: worst.rack.name,
    racks: racks.map(({ rack, ...figures }) => ({ ...rack, datacenter: rack.datacenter ?? null, ...figures })),
    topologyBlindSwarm,
    httpFromOneServer,
    settings,
  };
}
