// How fast a host's client may be, so that all slots of a rack together keep to the budget of its uplink.
import { type FleetRack, type PlanRequest, slotsOf } from "./plan-request.ts";

/** A link on the way into hosts, and how many clients may pull over it at the same time. */
export interface BudgetedLink {
  /** `the uplink of rack12`. */
  readonly name: string;
  readonly mbps: number;
  readonly slots: number;
}

/** Every link that clients could overload, but for the origin's, which the origin's own client keeps to. */
function budgetedLinks(request: PlanRequest): BudgetedLink[] {
  const uplinks = request.racks.map((rack) => ({
    name: `the uplink of ${rack.name}`,
    mbps: rack.uplinkMbps,
    slots: slotsOf(rack, request),
  }));
  const datacenters = [...request.datacenterMbps].map(([name, mbps]) => {
    const slots = Math.min(request.datacenterSlots, hostsIn(name, request.racks));
    return { name: `the link into ${name}`, mbps, slots };
  });
  return [...uplinks, ...datacenters, { name: "a host's link", mbps: request.accessMbps, slots: 1 }];
}

function hostsIn(datacenter: string, racks: readonly FleetRack[]): number {
  return racks.filter((rack) => rack.datacenter === datacenter).reduce((sum, { hosts }) => sum + hosts, 0);
}

/** The link that leaves a client least: the one to make faster, or to give fewer slots. */
export function tightestLink(request: PlanRequest): BudgetedLink {
  return budgetedLinks(request).reduce((tightest, link) => (perSlot(link) < perSlot(tightest) ? link : tightest));
}

function perSlot({ mbps, slots }: BudgetedLink): number {
  return mbps / slots;
}

/** Mbit/s. The whole of every link needs no limit: then the links themselves are it. */
export function clientRate(request: PlanRequest): number {
  const { clientMbps, budget, accessMbps } = request;
  if (clientMbps !== undefined) return Math.min(clientMbps, accessMbps);
  return budget === 1 ? accessMbps : budget * perSlot(tightestLink(request));
}

/** The links that clients of this rate could take more of than the budget, the worst first. */
export function overloadedLinks(request: PlanRequest): BudgetedLink[] {
  if (request.budget === 1) return [];
  const rate = clientRate(request);
  // A client's limit is a whole number of KiB/s; what that rounds to is no fault.
  const allowed = (link: BudgetedLink) => request.budget * link.mbps * (1 + 1e-9);
  return budgetedLinks(request)
    .filter((link) => rate * link.slots > allowed(link))
    .toSorted((one, other) => perSlot(one) - perSlot(other));
}
