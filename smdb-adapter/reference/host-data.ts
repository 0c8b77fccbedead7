// The hosts that the reference SMDB knows, from YAML: a list of name, addresses, cabinet, row and dc.
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { parse } from "yaml";
import { canonicalAddress } from "../src/address.ts";
import { readTextFile } from "../src/topology-file/text-file.ts";

const Name = Type.String({ minLength: 1 });

const Host = Type.Object(
  {
    name: Name,
    addresses: Type.Array(Name),
    cabinet: Type.Optional(Name),
    row: Type.Optional(Name),
    dc: Type.Optional(Name),
  },
  { additionalProperties: false },
);
const HostFile = Type.Object({ hosts: Type.Array(Host) }, { additionalProperties: false });

export type Host = Static<typeof Host>;

export interface HostAddress {
  /** Its place among all addresses of the file, from 1. */
  readonly id: number;
  readonly address: string;
  readonly host: Host;
  /** The host's place in the file, from 1. */
  readonly hostId: number;
}

export interface HostData {
  readonly hosts: readonly Host[];
  readonly byName: ReadonlyMap<string, Host>;
  /** One address may be of several hosts, as in real databases. */
  readonly byAddress: ReadonlyMap<string, readonly HostAddress[]>;
  /** In the order of the file. */
  readonly addresses: readonly HostAddress[];
}

const MOST_FAULTS_SHOWN = 20;

/** Rejects with every fault of the file. */
export async function readHostData(file: string): Promise<HostData> {
  // As they stand there: cabinet 012 is no number.
  const written: unknown = parse(await readTextFile(file), { schema: "failsafe" });
  if (!Value.Check(HostFile, written)) throw refuse(file, Value.Errors(HostFile, written).map(printFault));
  const data = indexHosts(written.hosts.map((host) => ({ ...host, addresses: host.addresses.map(canonical) })));
  const faults = data.hosts.flatMap((host) => hostFaults(host, data.byName));
  if (faults.length > 0) throw refuse(file, faults);
  return data;
}

export function indexHosts(hosts: readonly Host[]): HostData {
  const byAddress = new Map<string, HostAddress[]>();
  const addresses: HostAddress[] = [];
  for (const [index, host] of hosts.entries()) {
    for (const address of host.addresses) {
      const entry = { id: addresses.length + 1, address, host, hostId: index + 1 };
      addresses.push(entry);
      byAddress.set(address, [...(byAddress.get(address) ?? []), entry]);
    }
  }
  return { hosts, byName: new Map(hosts.map((host) => [host.name, host])), byAddress, addresses };
}

/** Undefined for what is no address. */
export function readAddress(text: string): string | undefined {
  try {
    return canonicalAddress(text);
  } catch {
    return undefined;
  }
}

function canonical(text: string): string {
  return readAddress(text) ?? text;
}

function hostFaults(host: Host, byName: ReadonlyMap<string, Host>): string[] {
  const unreadable = host.addresses.filter((text) => readAddress(text) === undefined);
  const faults = unreadable.map((text) => `${host.name}: ${text} is no address`);
  return byName.get(host.name) === host ? faults : [...faults, `${host.name} is there twice`];
}

function printFault({ instancePath, message }: { instancePath: string; message: string }): string {
  return `${instancePath || "the file"} ${message}`;
}

function refuse(file: string, faults: readonly string[]): Error {
  const shown = faults.slice(0, MOST_FAULTS_SHOWN).map((fault) => `\n  ${fault}`);
  const example = "{ hosts: [{ name: web1, addresses: [10.77.1.5], cabinet: rack1 }] }";
  return new Error(`${file} is refused; write it like ${example}:${shown.join("")}`);
}
