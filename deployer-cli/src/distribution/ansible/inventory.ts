// The hosts of an Ansible inventory as targets: its groups, its names, and the addresses behind them.
import { lookup } from "node:dns/promises";
import { isIP, SocketAddress } from "node:net";
import { CommandError } from "../../errors.ts";
import { inTurn } from "../../in-turn.ts";
import type { TargetHost } from "../driver.ts";
import { ansibleError } from "./ansible-error.ts";
import { ansibleProgram, type AnsibleOptions, inventoryArguments, listingArguments } from "./ansible-options.ts";
import { runAnsible } from "./ansible-process.ts";
import { type ListedInventory, readInventoryListing } from "./inventory-listing.ts";
import { ansibleEnvironment } from "./playbook-run.ts";
import { createRunFolder } from "./run-folder.ts";

export interface Inventory {
  /** Hosts of the groups that it holds are in a group, too; `all` has every host. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly hosts: ReadonlyMap<string, TargetHost>;
}

export interface InventoryOptions extends AnsibleOptions {
  /** A pattern of Ansible's, as for its own `--limit`: only hosts that it matches are there. */
  readonly limit?: string | undefined;
}

/** Throws `ANSIBLE_MISSING`, `ANSIBLE_FAILED`, and `USAGE` with the hosts that have no address. */
export async function listInventory(options: InventoryOptions): Promise<Inventory> {
  const json = await runListing("ansible-inventory", ["--list", ...listingArguments(options)], options);
  const listed = readInventoryListing(json);
  const { groups, hosts } = options.limit === undefined ? listed : narrowed(listed, await hostsWithin(options));
  return { groups, hosts: await resolveHosts(hosts) };
}

async function runListing(name: string, args: readonly string[], options: AnsibleOptions): Promise<string> {
  const program = ansibleProgram(name, options);
  const folder = await createRunFolder();
  try {
    const { env, signal } = options;
    const exit = await runAnsible({ program, args, env: ansibleEnvironment(env, folder), signal });
    if (exit.exitCode !== 0) throw ansibleError(program, exit);
    return exit.stdout;
  } finally {
    await folder.close();
  }
}

async function hostsWithin(options: InventoryOptions): Promise<ReadonlySet<string>> {
  const pattern = ["all", "--list-hosts", `--limit=${options.limit}`];
  const text = await runListing("ansible", [...pattern, ...inventoryArguments(options.inventory)], options);
  // The first line counts them.
  const [, ...names] = text.split("\n").map((line) => line.trim());
  return new Set(names);
}

function narrowed({ groups, hosts }: ListedInventory, within: ReadonlySet<string>): ListedInventory {
  return {
    groups: new Map([...groups].map(([group, names]) => [group, names.filter((name) => within.has(name))])),
    hosts: new Map([...hosts].filter(([name]) => within.has(name))),
  };
}

const MOST_LOOKUPS = 16;
const SHOWN_NAMES = 5;

async function resolveHosts(places: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, TargetHost>> {
  const looked = await inTurn(
    [...places],
    async ([name, place]) => ({ name, address: await addressOf(place) }),
    MOST_LOOKUPS,
  );
  const found = looked.flatMap(({ name, address }) => (address === undefined ? [] : [{ name, address }]));
  const nowhere = looked.filter(({ address }) => address === undefined);
  if (nowhere.length > 0) throw withoutAddress(nowhere.map(({ name }) => name));
  return new Map(found.map((host) => [host.name, host]));
}

/** IPv4 where a name stands for both, as that is what the hosts' client speaks. */
async function addressOf(place: string): Promise<string | undefined> {
  if (isIP(place) !== 0) return canonical(place);
  const found = await lookup(place, { order: "ipv4first" }).catch(() => undefined);
  return found && canonical(found.address);
}

function canonical(address: string): string {
  if (isIP(address) === 4) return address;
  const printed = new SocketAddress({ address, family: "ipv6" }).address;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(printed)?.[1] ?? printed;
}

function withoutAddress(names: readonly string[]): CommandError {
  const more = names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : "";
  const shown = `${names.slice(0, SHOWN_NAMES).join(", ")}${more}`;
  const remedy =
    "Give them ansible_host or rackcast_address in the inventory, or names that this machine can look up; --limit leaves hosts out.";
  return new CommandError("USAGE", `The inventory has no address for ${shown}.\n${remedy}`);
}
