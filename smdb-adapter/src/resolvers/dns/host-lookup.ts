// One host as DNS knows it, while its place is sought: its names are asked for once, whatever needs them.
import type { ResolverContext } from "../../resolver-kind.ts";
import type { DnsClient, Found } from "./dns-client.ts";
import { isDnsName } from "./dns-message.ts";
import { type AddressNames, addressNames } from "./host-names.ts";

export interface HostLookup {
  readonly address: string;
  readonly addressNames: AddressNames;
  /** The names that its PTR records give it, in lower case, without the final dot, sorted. */
  ptrNames(): Promise<Found<string>>;
  records(name: string, type: "TXT" | "LOC"): Promise<Found<unknown>>;
  /** Tells that the data of this host is at fault; `fault` is of a small fixed set. */
  blame(fault: string, problem: string): undefined;
}

export function createHostLookup(
  address: string,
  client: DnsClient,
  { name, timeoutMs, onEvent }: ResolverContext,
): HostLookup {
  const deadline = performance.now() + timeoutMs;
  const names = addressNames(address);
  let ptr: Promise<Found<string>> | undefined;

  function blame(fault: string, problem: string): undefined {
    onEvent({ kind: "fault", resolver: name, fault, problem: `${address}: ${problem}` });
  }

  async function askNames(): Promise<Found<string>> {
    const { values, ttlSeconds } = await client.lookUp({ name: names.arpa, type: "PTR" }, deadline);
    const found = [...new Set(values.map((value) => String(value).toLowerCase()))].sort();
    const odd = found.find((value) => !isDnsName(value));
    if (odd !== undefined) blame("name-malformed", `its PTR name ${JSON.stringify(odd)} is no name of a host`);
    return { values: found.filter(isDnsName), ttlSeconds };
  }

  return {
    address,
    addressNames: names,
    blame,
    ptrNames: () => (ptr ??= askNames()),
    records: (at, type) => client.lookUp({ name: at, type }, deadline),
  };
}
