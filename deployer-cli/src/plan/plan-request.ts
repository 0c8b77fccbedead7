// What a plan is made for: the payload, the hosts, the links between them, and how much of those is Rackcast's.

export interface FleetRack {
  /** Its path, outermost group first: `rack12`, `ams1/row4/rack12`. */
  readonly name: string;
  readonly hosts: number;
  /** Each way, as for all links here: 10^6 bits a second. */
  readonly uplinkMbps: number;
  /** A name in `datacenterMbps`; undefined where the rack hangs on the core. */
  readonly datacenter: string | undefined;
}

export interface PlanRequest {
  readonly payloadBytes: number;
  readonly racks: readonly FleetRack[];
  /** The link into each datacenter; empty where racks are the only groups. */
  readonly datacenterMbps: ReadonlyMap<string, number>;
  readonly accessMbps: number;
  readonly originMbps: number;
  /** The part of each link that Rackcast may use, above 0 to 1. */
  readonly budget: number;
  /** How many hosts of a rack may pull from outside at the same time, at worst (`MAX_REPR_RACK`). */
  readonly rackSlots: number;
  /** The same for the racks of a datacenter. */
  readonly datacenterSlots: number;
  /** What every host's client is limited to; undefined: as much as the budget allows. */
  readonly clientMbps: number | undefined;
}

/** A rack of few hosts cannot use all its slots. */
export function slotsOf(rack: FleetRack, { rackSlots }: Pick<PlanRequest, "rackSlots">): number {
  return Math.min(rackSlots, rack.hosts);
}

export function hostCount({ racks }: Pick<PlanRequest, "racks">): number {
  return racks.reduce((sum, { hosts }) => sum + hosts, 0);
}
