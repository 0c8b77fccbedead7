// What a lab looks like, as plain data: how many racks and hosts, where they are, how fast their links are.

export interface LinkSpeeds {
  /** Each rack's one link to its datacenter, or to the core where there is none, both ways, Mbit/s. */
  readonly uplinkMbit: number;
  /** Each host's link to its rack, both ways. */
  readonly accessMbit: number;
  /** The origin's link to the core, both ways. */
  readonly originMbit: number;
  /** Each datacenter's one link to the core, both ways. */
  readonly datacenterMbit: number;
}

export interface LabShape extends LinkSpeeds {
  /** Hosts of each rack, rack 1 first. */
  readonly racks: readonly number[];
  /** Among which the racks are shared out evenly, the first ones to the first; 0: racks hang on the core. */
  readonly datacenters: number;
  readonly payloadMiB: number;
}

export interface LabHost {
  /** `r1h2`, `origin` or `tracker`. */
  readonly name: string;
  readonly role: "host" | "origin" | "tracker";
  /** 0 for what hangs on the core. */
  readonly rack: number;
  readonly address: string;
}

export const ORIGIN: LabHost = { name: "origin", role: "origin", rack: 0, address: "10.77.0.2" };
export const TRACKER: LabHost = { name: "tracker", role: "tracker", rack: 0, address: "10.77.0.3" };

/** Origin, tracker, then every rack's hosts. Host h of rack r is 10.77.r.h; all are one flat network. */
export function labHosts(racks: readonly number[]): LabHost[] {
  const inRacks = racks.flatMap((count, index) =>
    Array.from({ length: count }, (_, position): LabHost => rackHost(index + 1, position + 1)),
  );
  return [ORIGIN, TRACKER, ...inRacks];
}

function rackHost(rack: number, position: number): LabHost {
  return { name: `r${rack}h${position}`, role: "host", rack, address: `10.77.${rack}.${position}` };
}

/** The rack number of a lab address; 0 for the core. */
export function rackOf(address: string): number {
  return Number(address.split(".")[2]);
}

/** The number of the datacenter that a rack is in; 0 for the core. */
export function datacenterOf(rack: number, { racks, datacenters }: Pick<LabShape, "racks" | "datacenters">): number {
  return rack === 0 || datacenters === 0 ? 0 : Math.ceil((rack * datacenters) / racks.length);
}

/** The levels of the topology, outermost first. */
export function levelsOf({ datacenters }: LabShape): readonly string[] {
  return datacenters === 0 ? ["rack"] : ["dc", "rack"];
}

/** The lines of a topology file: `10.77.1.0/24 rack1`, or `10.77.1.0/24 dc1/rack1`. */
export function topologyLines(shape: LabShape): string {
  const pathOf = (rack: number) =>
    shape.datacenters === 0 ? `rack${rack}` : `dc${datacenterOf(rack, shape)}/rack${rack}`;
  return shape.racks.map((_, index) => `10.77.${index + 1}.0/24 ${pathOf(index + 1)}\n`).join("");
}

/** Seconds that `bytes` need on a link at its nominal rate, headers not counted. */
export function secondsOnLink(bytes: number, mbit: number): number {
  return (bytes * 8) / (mbit * 1e6);
}

/** Mbit/s of the slowest link between the core and a rack. */
export function slowestInward({ datacenters, datacenterMbit, uplinkMbit }: LabShape): number {
  return datacenters === 0 ? uplinkMbit : Math.min(datacenterMbit, uplinkMbit);
}
