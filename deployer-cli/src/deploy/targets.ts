// Which hosts `--targets` means: a file of hosts, a group of an Ansible inventory, or a glob of topology paths.
import { existsSync, statSync } from "node:fs";
import { lookup } from "node:dns/promises";
import { isIP, SocketAddress } from "node:net";
import type { TrackerClient } from "../api/tracker-client.ts";
import type { Inventory } from "../distribution/ansible/inventory.ts";
import type { TargetHost } from "../distribution/driver.ts";
import { CommandError, systemErrorCode } from "../errors.ts";
import { shortList } from "../output/transfer-tables.ts";
import { readHostsFile } from "../topology/hosts-file.ts";
import { inTurn } from "../in-turn.ts";
import { compileTopologyGlob } from "./topology-glob.ts";

export interface TargetSources {
  readonly client: Pick<TrackerClient, "list" | "locate">;
  /** Undefined when no inventory was given. Asked at most once for each spec. */
  readonly inventory: (() => Promise<Inventory>) | undefined;
}

const KINDS = ["file", "group", "rack"] as const;
type Kind = (typeof KINDS)[number];

const NAMED = 8;

/**
 * Each spec is `file:PATH`, `group:NAME` or `rack:GLOB`; without the word, a file that exists is one, what has a slash or a wildcard is a
 * glob, and anything else is a group. In order, each address once. Throws `USAGE`, `TARGETS_UNKNOWN` or `TARGETS_EMPTY`.
 */
export async function resolveTargets(specs: readonly string[], sources: TargetSources): Promise<readonly TargetHost[]> {
  const found = new Map<string, TargetHost>();
  for (const spec of specs) {
    const { kind, value } = readSpec(spec);
    for (const host of await READERS[kind](value, sources)) {
      if (!found.has(host.address)) found.set(host.address, host);
    }
  }
  return [...found.values()];
}

function readSpec(spec: string): { readonly kind: Kind; readonly value: string } {
  const kind = KINDS.find((word) => spec.startsWith(`${word}:`));
  if (kind) return { kind, value: spec.slice(kind.length + 1) };
  if (spec === "-" || (existsSync(spec) && !statSync(spec).isDirectory())) return { kind: "file", value: spec };
  return { kind: /[/*?]/.test(spec) ? "rack" : "group", value: spec };
}

const READERS: Readonly<Record<Kind, (value: string, sources: TargetSources) => Promise<readonly TargetHost[]>>> = {
  file: hostsOfFile,
  group: hostsOfGroup,
  rack: hostsInRacks,
};

async function hostsOfFile(file: string): Promise<readonly TargetHost[]> {
  const listed = await readHostsFile(file);
  return inTurn(listed, async ({ host, line }) => ({ name: host, address: await addressOf(host, `${file}:${line}`) }));
}

async function addressOf(host: string, where: string): Promise<string> {
  if (isIP(host) !== 0) return canonicalAddress(host);
  try {
    return (await lookup(host)).address;
  } catch (cause) {
    const reason = systemErrorCode(cause) === "ENOTFOUND" ? "no such name in DNS" : String(cause);
    throw new CommandError(
      "TARGETS_UNKNOWN",
      `${where}: ${host} has no address: ${reason}; write its address instead.`,
      {
        cause,
      },
    );
  }
}

/** As the tracker writes it, so that hosts are found again in its answers. */
function canonicalAddress(address: string): string {
  return new SocketAddress({ address, family: isIP(address) === 6 ? "ipv6" : "ipv4" }).address;
}

async function hostsOfGroup(group: string, { inventory }: TargetSources): Promise<readonly TargetHost[]> {
  if (!inventory) {
    const remedy =
      "give --inventory for a group of hosts, the path of a file with hosts, or a glob such as rack:ams1/*";
    throw new CommandError(
      "USAGE",
      `--targets ${group} is no file, and there is no inventory to find it in; ${remedy}.`,
    );
  }
  const { groups, hosts } = await inventory();
  const names = groups.get(group) ?? (hosts.has(group) ? [group] : undefined);
  if (names === undefined) {
    const known = shortList([...groups.keys()].sort(), NAMED);
    throw new CommandError("TARGETS_UNKNOWN", `The inventory has no group or host ${group}; its groups: ${known}`);
  }
  if (names.length === 0) {
    throw new CommandError(
      "TARGETS_EMPTY",
      `The group ${group} of the inventory has no hosts; give another, or add some.`,
    );
  }
  return names.flatMap((name) => hosts.get(name) ?? []);
}

async function hostsInRacks(glob: string, sources: TargetSources): Promise<readonly TargetHost[]> {
  const matches = compileTopologyGlob(glob);
  const candidates = await knownHosts(sources);
  const placed = await inTurn(candidates, async (host) => ({ host, ...(await sources.client.locate(host.address)) }));
  const found = placed.filter(({ path }) => path !== null && matches(path)).map(({ host }) => host);
  if (found.length > 0) return found;
  const racks = [...new Set(placed.flatMap(({ path }) => (path ? [path.join("/")] : [])))].sort();
  const seen = racks.length > 0 ? `they are in ${shortList(racks, NAMED)}` : "the tracker knows the place of none";
  const source = sources.inventory ? "of the inventory" : "that were targets before (give --inventory for others)";
  throw new CommandError("TARGETS_EMPTY", `No host matches ${glob}: of ${candidates.length} hosts ${source}, ${seen}.`);
}

/** The hosts of a transfer's targets, by the inventory's names where there is one. Throws `TARGETS_EMPTY`. */
export async function targetsByAddress(
  addresses: readonly string[],
  release: string,
  { inventory }: TargetSources,
): Promise<readonly TargetHost[]> {
  if (addresses.length === 0) {
    throw new CommandError(
      "TARGETS_EMPTY",
      `${release} was activated without targets, so its hosts are not known; give --targets.`,
    );
  }
  const hosts = inventory ? [...(await inventory()).hosts.values()] : [];
  const names = new Map(hosts.map((host) => [host.address, host]));
  return addresses.map((address) => names.get(address) ?? { name: address, address });
}

async function knownHosts({ client, inventory }: TargetSources): Promise<readonly TargetHost[]> {
  if (inventory) return [...(await inventory()).hosts.values()];
  const addresses = new Set((await client.list()).flatMap(({ targets }) => targets));
  return [...addresses].map((address) => ({ name: address, address }));
}
