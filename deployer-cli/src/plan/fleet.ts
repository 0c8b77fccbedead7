// Racks and datacenters of a plan, put together from how many hosts are where and how fast links are. Pure.
import { CommandError } from "../errors.ts";
import type { FleetRack } from "./plan-request.ts";

/** By the rack's path. */
export type HostCounts = ReadonlyMap<string, number>;

/** One speed for all links of a kind, and others for those that are named. */
export interface LinkSpeeds {
  readonly mbps: number | undefined;
  readonly byName: ReadonlyMap<string, number>;
}

export interface Fleet {
  readonly racks: readonly FleetRack[];
  readonly datacenterMbps: ReadonlyMap<string, number>;
}

/** `rack1`, `rack2` … with as many hosts each; in `dc1`, `dc2` … when there are any. */
export function numberedRacks({
  racks,
  hosts,
  datacenters,
}: Readonly<Record<"racks" | "hosts" | "datacenters", number>>): HostCounts {
  const path = (index: number) => {
    const rack = `rack${index + 1}`;
    return datacenters === 0 ? rack : `dc${Math.floor((index * datacenters) / racks) + 1}/${rack}`;
  };
  return new Map(Array.from({ length: racks }, (_, index) => [path(index), hosts]));
}

/** A rack's datacenter is the outermost part of its path. Throws `USAGE` naming what has no speed, or is not there. */
export function assembleFleet(
  hosts: HostCounts,
  { uplinks, datacenterLinks }: { readonly uplinks: LinkSpeeds; readonly datacenterLinks: LinkSpeeds | undefined },
): Fleet {
  const names = [...hosts.keys()];
  refuseStrangers("--uplink-mbps", uplinks, names);
  const uplinkOf = speedOf("--uplink-mbps", uplinks);
  const datacenterOf = (rack: string) => (datacenterLinks === undefined ? undefined : outermost(rack));
  return {
    racks: [...hosts].map(([name, count]) => {
      return { name, hosts: count, uplinkMbps: uplinkOf(name), datacenter: datacenterOf(name) };
    }),
    datacenterMbps: datacenterLinks === undefined ? new Map() : datacenterSpeeds(names, datacenterLinks),
  };
}

function datacenterSpeeds(racks: readonly string[], links: LinkSpeeds): ReadonlyMap<string, number> {
  const names = [...new Set(racks.map(outermost))];
  refuseStrangers("--dc-mbps", links, names);
  const mbpsOf = speedOf("--dc-mbps", links);
  return new Map(names.map((name) => [name, mbpsOf(name)]));
}

function outermost(rack: string): string {
  const [first = "", ...inner] = rack.split("/");
  if (inner.length > 0) return first;
  const remedy =
    "with --dc-mbps a rack is named with its datacenter, such as ams1/rack1, or --dcs says how many there are";
  throw new CommandError("USAGE", `${rack} is in no datacenter: ${remedy}.`);
}

function speedOf(option: string, { mbps, byName }: LinkSpeeds): (name: string) => number {
  return (name) => {
    const speed = byName.get(name) ?? mbps;
    if (speed !== undefined) return speed;
    throw new CommandError(
      "USAGE",
      `How fast is the link of ${name}? Give ${option} ${name}=<Mbit/s>, or ${option} <Mbit/s> for all.`,
    );
  };
}

function refuseStrangers(option: string, { byName }: LinkSpeeds, known: readonly string[]): void {
  const stranger = [...byName.keys()].find((name) => !known.includes(name));
  if (stranger === undefined) return;
  const some = known.slice(0, 5).join(", ") + (known.length > 5 ? ", …" : "");
  throw new CommandError("USAGE", `${option} names ${stranger}, where no host of the plan is; there are: ${some}`);
}
