// The lab's network: one namespace per host; racks, and datacenters where there are any, are bridges with one shaped link outwards each.
import { execFile } from "node:child_process";
import { namespacesWith, removeNamespaces, labPrefix } from "./namespaces.ts";
import { datacenterOf, type LabHost, type LabShape, type LinkSpeeds } from "./shape.ts";

export interface LinkBytes {
  /** Bytes that crossed the link so far, towards the hosts and away from them; Ethernet, IP and TCP headers included. */
  readonly into: number;
  readonly out: number;
}

export interface LabNetwork {
  readonly hosts: readonly LabHost[];
  /** The command line that runs something inside a host's namespace; the process replaces `ip`, so its pid is the program's. */
  commandIn(host: LabHost, command: readonly string[]): { readonly file: string; readonly args: readonly string[] };
  /** Cuts a host off the network, as a crash would: nothing answers for it any more. */
  unplug(host: LabHost): Promise<void>;
  plug(host: LabHost): Promise<void>;
  /** Counters of the links outwards by the name of what hangs on each: `rack1`, `dc1`. */
  readLinks(): Promise<ReadonlyMap<string, LinkBytes>>;
  close(): Promise<void>;
}

// A bucket of a few segments lets TCP run at the full rate, and 50-100 ms of queue is what a shallow switch buffer gives.
const ACCESS_QUEUE = "burst 64kb latency 50ms";
const UPLINK_QUEUE = "burst 64kb latency 100ms";
// Smaller than the bucket, so that tbf need not cut segments again; large enough that two cores carry the whole lab.
const LARGEST_SEGMENT_BYTES = 16_384;
const BRIDGE = "type bridge forward_delay 0 mcast_snooping 0";

/** Builds the whole network; on failure nothing of it is left. Networks of one process at a time need labels of their own. */
export async function createLabNetwork(hosts: readonly LabHost[], shape: LabShape, label = ""): Promise<LabNetwork> {
  const prefix = labPrefix(process.pid) + label;
  const fabric = `${prefix}fabric`;
  const links = linksOf(shape);
  try {
    await batch(
      "ip",
      [fabric, ...hosts.map((host) => prefix + host.name)].map((name) => `netns add ${name}`),
    );
    await batch("ip", [...fabricBridges(links), ...hosts.flatMap((host) => hostPort(host, prefix))], fabric);
    await Promise.all(hosts.map((host) => batch("ip", hostInterface(host), prefix + host.name)));
    await batch("tc", [...links.flatMap(linkShaping), ...portShaping(hosts, shape)], fabric);
    await Promise.all(hosts.map((host) => shapeHost(host, shape, prefix + host.name)));
  } catch (error) {
    await removeNamespaces(await namespacesWith(prefix));
    throw error;
  }
  return {
    hosts,
    commandIn: (host, command) => ({ file: "ip", args: ["netns", "exec", prefix + host.name, ...command] }),
    unplug: (host) => setLink(prefix + host.name, "down"),
    plug: (host) => setLink(prefix + host.name, "up"),
    readLinks: () => readLinks(fabric, links),
    close: async () => removeNamespaces(await namespacesWith(prefix)),
  };
}

/** A bridge's one link outwards. */
interface OutwardLink {
  /** The bridge: `rack1`, `dc1`. */
  readonly of: string;
  /** The bridge that it leads to: `dc1`, `core`. */
  readonly to: string;
  readonly mbit: number;
}

/** Outermost first. */
function linksOf(shape: LabShape): OutwardLink[] {
  const datacenters = Array.from({ length: shape.datacenters }, (_, index) => ({
    of: `dc${index + 1}`,
    to: "core",
    mbit: shape.datacenterMbit,
  }));
  const racks = shape.racks.map((_, index) => {
    const datacenter = datacenterOf(index + 1, shape);
    return { of: `rack${index + 1}`, to: datacenter === 0 ? "core" : `dc${datacenter}`, mbit: shape.uplinkMbit };
  });
  return [...datacenters, ...racks];
}

function fabricBridges(links: readonly OutwardLink[]): string[] {
  return [
    ...bridge("core"),
    ...links.flatMap(({ of, to }) => [
      ...bridge(of),
      `link add up-${of} type veth peer name down-${of}`,
      `link set up-${of} master ${of} addrgenmode none up`,
      `link set down-${of} master ${to} addrgenmode none up`,
    ]),
  ];
}

function bridge(name: string): string[] {
  return [`link add ${name} ${BRIDGE}`, `link set ${name} addrgenmode none up`];
}

function hostPort(host: LabHost, prefix: string): string[] {
  return [
    `link add ${port(host)} type veth peer name eth0 netns ${prefix}${host.name}`,
    `link set ${port(host)} master ${host.rack === 0 ? "core" : `rack${host.rack}`} addrgenmode none up`,
  ];
}

function hostInterface(host: LabHost): string[] {
  return [
    "link set lo up",
    `link set eth0 addrgenmode none gso_max_size ${LARGEST_SEGMENT_BYTES} up`,
    `addr add ${host.address}/16 dev eth0`,
  ];
}

async function setLink(namespace: string, state: "up" | "down"): Promise<void> {
  await batch("ip", [`link set eth0 ${state}`], namespace);
}

function linkShaping({ of, mbit }: OutwardLink): string[] {
  return [`up-${of}`, `down-${of}`].map((device) => shaper(device, mbit, UPLINK_QUEUE));
}

function portShaping(hosts: readonly LabHost[], speeds: LinkSpeeds): string[] {
  return hosts.flatMap((host) => {
    const rate = accessMbit(host, speeds);
    return rate === undefined ? [] : [shaper(port(host), rate, ACCESS_QUEUE)];
  });
}

async function shapeHost(host: LabHost, speeds: LinkSpeeds, namespace: string): Promise<void> {
  const rate = accessMbit(host, speeds);
  if (rate !== undefined) await batch("tc", [shaper("eth0", rate, ACCESS_QUEUE)], namespace);
}

function shaper(device: string, mbit: number, queue: string): string {
  return `qdisc add dev ${device} root tbf rate ${mbit}mbit ${queue}`;
}

function accessMbit(host: LabHost, speeds: LinkSpeeds): number | undefined {
  if (host.role === "tracker") return undefined;
  return host.role === "origin" ? speeds.originMbit : speeds.accessMbit;
}

function port(host: LabHost): string {
  return `p-${host.name}`;
}

/**
 * Reads what the shapers let through. The interfaces' own rx/tx counters would count a large segment with one
 * set of headers; the shaper counts every packet's, as a wire does.
 */
async function readLinks(fabric: string, links: readonly OutwardLink[]): Promise<ReadonlyMap<string, LinkBytes>> {
  const printed = await run("tc", ["-n", fabric, "-s", "-j", "qdisc", "show"]);
  const sent = new Map((JSON.parse(printed) as QueueStatistics[]).map((queue) => [queue.dev, queue.bytes]));
  return new Map(links.map(({ of }) => [of, { into: sent.get(`down-${of}`) ?? 0, out: sent.get(`up-${of}`) ?? 0 }]));
}

interface QueueStatistics {
  readonly dev: string;
  readonly bytes: number;
}

function batch(tool: "ip" | "tc", lines: readonly string[], namespace?: string): Promise<string> {
  const where = namespace === undefined ? [] : ["-n", namespace];
  return run(tool, [...where, "-batch", "-"], lines.join("\n") + "\n");
}

function run(file: string, args: readonly string[], input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, { encoding: "utf8" }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${file} ${args.join(" ")}: ${stderr.trim()}`, { cause: error }));
      else resolve(stdout);
    });
    child.stdin?.end(input);
  });
}
