// The lab's network: one namespace per host, racks as bridges that reach a core bridge over one shaped uplink each.
import { execFile } from "node:child_process";
import { namespacesOf, removeNamespaces, labPrefix } from "./namespaces.ts";
import type { LabHost, LinkSpeeds } from "./shape.ts";

export interface UplinkBytes {
  /** Bytes that crossed the rack's uplink so far, Ethernet, IP and TCP headers included. */
  readonly into: number;
  readonly out: number;
}

export interface LabNetwork {
  readonly hosts: readonly LabHost[];
  /** The command line that runs something inside a host's namespace; the process replaces `ip`, so its pid is the program's. */
  commandIn(host: LabHost, command: readonly string[]): { readonly file: string; readonly args: readonly string[] };
  /** Uplink counters by rack number. */
  readUplinks(): Promise<ReadonlyMap<number, UplinkBytes>>;
  close(): Promise<void>;
}

// A bucket of a few segments lets TCP run at the full rate, and 50-100 ms of queue is what a shallow switch buffer gives.
const ACCESS_QUEUE = "burst 64kb latency 50ms";
const UPLINK_QUEUE = "burst 64kb latency 100ms";
// Smaller than the bucket, so that tbf need not cut segments again; large enough that two cores carry the whole lab.
const LARGEST_SEGMENT_BYTES = 16_384;
const BRIDGE = "type bridge forward_delay 0 mcast_snooping 0";

/** Builds the whole network; on failure nothing of it is left. */
export async function createLabNetwork(hosts: readonly LabHost[], speeds: LinkSpeeds): Promise<LabNetwork> {
  const prefix = labPrefix(process.pid);
  const fabric = `${prefix}fabric`;
  const racks = [...new Set(hosts.map((host) => host.rack))].filter((rack) => rack > 0);
  try {
    await batch(
      "ip",
      [fabric, ...hosts.map((host) => prefix + host.name)].map((name) => `netns add ${name}`),
    );
    await batch("ip", [...fabricLinks(racks), ...hosts.flatMap((host) => hostPort(host, prefix))], fabric);
    await Promise.all(hosts.map((host) => batch("ip", hostInterface(host), prefix + host.name)));
    await batch("tc", [...racks.flatMap((rack) => uplinkShaping(rack, speeds)), ...portShaping(hosts, speeds)], fabric);
    await Promise.all(hosts.map((host) => shapeHost(host, speeds, prefix + host.name)));
  } catch (error) {
    await removeNamespaces(await namespacesOf(process.pid));
    throw error;
  }
  return {
    hosts,
    commandIn: (host, command) => ({ file: "ip", args: ["netns", "exec", prefix + host.name, ...command] }),
    readUplinks: () => readUplinks(fabric, racks),
    close: async () => removeNamespaces(await namespacesOf(process.pid)),
  };
}

function fabricLinks(racks: readonly number[]): string[] {
  return [
    ...bridge("core"),
    ...racks.flatMap((rack) => [
      ...bridge(`rack${rack}`),
      `link add up${rack} type veth peer name down${rack}`,
      `link set up${rack} master rack${rack} addrgenmode none up`,
      `link set down${rack} master core addrgenmode none up`,
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

function uplinkShaping(rack: number, speeds: LinkSpeeds): string[] {
  return [`up${rack}`, `down${rack}`].map((device) => shaper(device, speeds.uplinkMbit, UPLINK_QUEUE));
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
async function readUplinks(fabric: string, racks: readonly number[]): Promise<ReadonlyMap<number, UplinkBytes>> {
  const printed = await run("tc", ["-n", fabric, "-s", "-j", "qdisc", "show"]);
  const sent = new Map((JSON.parse(printed) as QueueStatistics[]).map((queue) => [queue.dev, queue.bytes]));
  return new Map(racks.map((rack) => [rack, { into: sent.get(`down${rack}`) ?? 0, out: sent.get(`up${rack}`) ?? 0 }]));
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
