// Which addresses a host of an inventory has: as its variables say, as its name says, or by looking its name up.
import { lookup } from "node:dns/promises";
import { canonicalAddress } from "../../address.ts";
import { createTurnstile } from "../../turnstile.ts";
import type { InventoryHost } from "./inventory.ts";

export interface HostAddressOptions {
  /** Variables that may hold an address. */
  readonly variables: readonly string[];
  /** Whether a host without an address is looked up by its name. */
  readonly lookUpNames: boolean;
}

export type HostAddresses = (host: InventoryHost) => Promise<readonly string[]>;

const NAME_VARIABLE = "ansible_host";
const MOST_LOOKUPS = 16;
const LOOKUP_PATIENCE_MS = 60_000;

/** None for a host that cannot be placed by address. */
export function createHostAddresses({ variables, lookUpNames }: HostAddressOptions): HostAddresses {
  const turnstile = createTurnstile(MOST_LOOKUPS, Infinity);

  async function lookUp(name: string): Promise<readonly string[]> {
    const find = () => lookup(name, { all: true });
    const found = await turnstile.pass(find, LOOKUP_PATIENCE_MS).catch(() => []);
    return found.map(({ address }) => addressOf(address)).filter((address) => address !== undefined);
  }

  return async (host) => {
    const given = variables.map((variable) => addressOf(host.variables[variable]));
    const addresses = given.filter((address) => address !== undefined);
    if (addresses.length > 0) return addresses;
    const named = addressOf(host.name);
    if (named !== undefined) return [named];
    const name = host.variables[NAME_VARIABLE];
    return lookUpNames ? await lookUp(typeof name === "string" ? name : host.name) : [];
  };
}

function addressOf(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  try {
    return canonicalAddress(value.trim());
  } catch {
    return undefined;
  }
}
