// How fast addresses are placed on one core, and what a prefix or a remembered address costs in memory.
import {
  createCachedResolver,
  createChain,
  createLocalLink,
  createSubnetResolver,
  type TopologyResolver,
} from "@rackcast/smdb-adapter";
import { usedBytes } from "./used-bytes.ts";

/** Lookups a second of processor time, the least that there may be. */
export const TOPOLOGY_BUDGET = 100_000;

export interface TopologyMeasure {
  readonly name: string;
  readonly lookupsPerSecond: number;
  readonly bytesPerEntry: number;
}

const ENTRIES = 100_000;
const RACKS = 4_000;
const MEASURE_MS = 1_000;

function ipv4(index: number): string {
  return `10.${index >>> 16}.${(index >>> 8) & 255}.${index & 255}`;
}

function ipv6(index: number): string {
  return `2001:db8:${(index >>> 8).toString(16)}:${(index & 255).toString(16)}::1`;
}

function* prefixes(addressOf: (index: number) => string, pathOf = (index: number) => `rack${index % RACKS}`) {
  for (let index = 0; index < ENTRIES; index++) {
    yield { prefix: addressOf(index), path: pathOf(index), source: `bench:${index}` };
  }
}

/** Asked in an order that is not the order of the table, so that caches of the processor do not flatter. */
function shuffled(addressOf: (index: number) => string): readonly string[] {
  const STRIDE = 48_271;
  // Through bytes, as a text put together from parts is laid out anew when it is first read, in the midst of measuring.
  return Array.from({ length: ENTRIES }, (_, index) => Buffer.from(addressOf((index * STRIDE) % ENTRIES)).toString());
}

/** Of processor time, so that what else runs on the machine does not count. */
function lookupsPerSecond(resolver: TopologyResolver, addresses: readonly string[]): number {
  let count = 0;
  let known = 0;
  const start = process.cpuUsage();
  let spentMs = 0;
  while (spentMs < MEASURE_MS) {
    for (const address of addresses) if (resolver.locate(address) !== undefined) known++;
    count += addresses.length;
    const { user, system } = process.cpuUsage(start);
    spentMs = (user + system) / 1000;
  }
  if (known !== count) throw new Error(`${resolver.name}: ${count - known} of ${count} lookups found nothing`);
  return (count / spentMs) * 1000;
}

async function measure(name: string, addresses: readonly string[], create: () => TopologyResolver) {
  const before = usedBytes();
  const resolver = create();
  for (const address of addresses) await resolver.locate(address);
  const bytesPerEntry = (usedBytes() - before) / ENTRIES;
  const measured = { name, lookupsPerSecond: lookupsPerSecond(resolver, addresses), bytesPerEntry };
  await resolver.close();
  return measured;
}

/** What a tracker asks: a file that knows few, a service that does not know, one that does, and a fallback. */
function warmChain(limits: Parameters<typeof createCachedResolver>[1]): TopologyResolver {
  const nobody = { ...constant(), locate: () => Promise.resolve(undefined) };
  const few = [{ prefix: "192.0.2.0/24", path: "rack1", source: "bench" }];
  const links = [
    createLocalLink(createSubnetResolver({ prefixes: few })),
    createCachedResolver(nobody, { ...limits, negativeTtlSeconds: limits.ttlSeconds }),
    createCachedResolver(constant(), limits),
    createLocalLink(createSubnetResolver({ prefixes: prefixes(ipv4) })),
  ];
  return createChain(links, limits);
}

/** A resolver whose answers cost nothing, so that what is measured is the cache. */
function constant(): TopologyResolver {
  const location = { path: ["rack1"], resolver: "constant" };
  return { name: "constant", locate: () => Promise.resolve(location), reload: async () => {}, close: async () => {} };
}

export async function measureTopology(): Promise<readonly TopologyMeasure[]> {
  const v4 = shuffled(ipv4);
  const v6 = shuffled(ipv6);
  // What is remembered is not refreshed while it is measured.
  const limits = { ttlSeconds: 3600, negativeTtlSeconds: 60, waitMs: 500, now: () => performance.now() };
  return [
    await measure("subnet, IPv4", v4, () => createSubnetResolver({ prefixes: prefixes(ipv4) })),
    await measure("templates, IPv4", v4, () =>
      createSubnetResolver({ prefixes: prefixes(ipv4, () => "row{2}/rack{3}") }),
    ),
    await measure("subnet, IPv6", v6, () => createSubnetResolver({ prefixes: prefixes(ipv6) })),
    await measure("warm cache", v4, () => createCachedResolver(constant(), limits)),
    await measure("warm chain of four", v4, () => warmChain(limits)),
  ];
}
