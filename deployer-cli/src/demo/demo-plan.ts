// What the demo builds: racks, hosts, addresses on loopback, and how fast each may be; pure.
import { bandwidthLimitKiBps } from "@rackcast/client-config";
import { CommandError } from "../errors.ts";
import type { NetworkLimit } from "../rtorrent/index.ts";

export interface DemoShape {
  readonly racks: number;
  /** In each rack. */
  readonly hosts: number;
}

export interface DemoHost {
  readonly name: string;
  /** 127.0.<rack>.<host>: Linux answers to all of 127.0.0.0/8 without any setup. */
  readonly address: string;
  readonly rack: string;
}

export interface DemoRack {
  readonly name: string;
  /** Of all its hosts. */
  readonly network: string;
}

export interface DemoPlan {
  readonly origin: DemoHost;
  /** Rack by rack. */
  readonly hosts: readonly DemoHost[];
  readonly racks: readonly DemoRack[];
  /** The lines of the tracker's topology file. */
  readonly topology: string;
}

/** Megabits per second. */
export interface DemoSpeeds {
  /** What a host, or the origin, may send to hosts of another rack, loopback having no uplinks to fill. */
  readonly uplinkMbps: number;
  /**
   * What a host may receive. Limits are set at the receivers, because an rtorrent that is short of upload serves some of its
   * peers and starves the others, where a real link shares itself out evenly.
   */
  readonly receiveMbps: number;
  /** What a host may send in all, by the links that the tracker is told of. */
  readonly accessMbps: number;
  readonly originMbps: number;
}

const ORIGIN_RACK = 100;
const MOST_RACKS = ORIGIN_RACK - 1;
const MOST_HOSTS_IN_RACK = 250;
/** Each is a process of this machine. */
const MOST_HOSTS = 200;

/** @throws CommandError `USAGE` */
export function planDemo({ racks: rackCount, hosts }: DemoShape): DemoPlan {
  refuseOutside("--racks", rackCount, MOST_RACKS);
  refuseOutside("--hosts", hosts, MOST_HOSTS_IN_RACK);
  if (rackCount * hosts > MOST_HOSTS) {
    const message = `${rackCount} racks of ${hosts} hosts are more than the ${MOST_HOSTS} clients that one machine runs; give fewer by --racks or --hosts.`;
    throw new CommandError("USAGE", message);
  }
  const rackNumbers = Array.from({ length: rackCount }, (_, index) => index + 1);
  const racks = rackNumbers.map((rack) => ({ name: rackName(rack), network: networkOf(rack) }));
  const originRack = { name: "origin", network: networkOf(ORIGIN_RACK) };
  return {
    origin: { name: "origin", address: `127.0.${ORIGIN_RACK}.1`, rack: "origin" },
    racks,
    hosts: rackNumbers.flatMap((rack) => hostsOf(rack, hosts)),
    topology: [...racks, originRack].map(({ network, name }) => `${network} ${name}\n`).join(""),
  };
}

function refuseOutside(flag: string, count: number, most: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= most) return;
  throw new CommandError("USAGE", `${flag} must be a whole number from 1 to ${most}, not ${count}.`);
}

function hostsOf(rack: number, count: number): DemoHost[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `${rackName(rack)}-host${index + 1}`,
    address: `127.0.${rack}.${index + 1}`,
    rack: rackName(rack),
  }));
}

const rackName = (rack: number) => `rack${rack}`;
const networkOf = (rack: number) => `127.0.${rack}.0/24`;

/** A copy takes about this long into a rack, so that there is something to see. */
const UPLINK_SECONDS = 11;
const SLOWEST_UPLINK_MBPS = 5;
/** Beyond it the machine, not the plan, would set the pace. */
const FASTEST_UPLINK_MBPS = 200;
/** As in a datacenter, where a host's own link is fast beside its share of an uplink. */
const ACCESS_PER_UPLINK = 4;
/** A host's share when its source serves two others as well. */
const RECEIVERS_PER_ACCESS = 3;

export function demoSpeeds(payloadBytes: number, racks: number): DemoSpeeds {
  const wanted = (payloadBytes * 8) / 1_000_000 / UPLINK_SECONDS;
  const uplinkMbps = Math.round(Math.min(FASTEST_UPLINK_MBPS, Math.max(SLOWEST_UPLINK_MBPS, wanted)));
  const accessMbps = uplinkMbps * ACCESS_PER_UPLINK;
  return { uplinkMbps, accessMbps, receiveMbps: accessMbps / RECEIVERS_PER_ACCESS, originMbps: accessMbps * racks };
}

/** How long one copy takes into a rack. */
export function uplinkSeconds(payloadBytes: number, { uplinkMbps }: Pick<DemoSpeeds, "uplinkMbps">): number {
  return (payloadBytes * 8) / 1_000_000 / uplinkMbps;
}

/** One for each other rack, as if each were behind an uplink of its own. */
export function uplinkLimits(host: DemoHost, { racks }: DemoPlan, uplinkMbps: number): NetworkLimit[] {
  const others = racks.filter(({ name }) => name !== host.rack);
  const kiBps = bandwidthLimitKiBps({ accessMbps: uplinkMbps, share: 1 });
  return others.map(({ name, network }) => ({ name, networks: [network], kiBps }));
}
