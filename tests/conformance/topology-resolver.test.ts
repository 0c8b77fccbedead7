// Every resolver that there is, under the one suite.
import {
  createCachedResolver,
  createChain,
  createLocalLink,
  createSubnetResolver,
  startFileResolver,
  type TopologyPath,
} from "@rackcast/smdb-adapter";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { type ResolverUnderTest, topologyResolverSuite } from "./topology-resolver-suite.ts";

type Hosts = ReadonlyMap<string, TopologyPath>;

function subnetOver(hosts: Hosts) {
  return createSubnetResolver({ prefixes: [...hosts].map(([prefix, path]) => ({ prefix, path, source: "suite" })) });
}

/** A file resolver over a real file, which `print` fills. */
function fileWith(name: string, print: (hosts: Hosts) => string) {
  return async (hosts: Hosts): Promise<ResolverUnderTest> => {
    const directory = await mkdtemp(join(tmpdir(), "rackcast-topology-"));
    const file = join(directory, name);
    await writeFile(file, print(hosts));
    const resolver = await startFileResolver({ file, levels: ["dc", "row", "rack"] });
    return { resolver, stop: () => rm(directory, { recursive: true }) };
  };
}

function lines(hosts: Hosts, print: (address: string, path: TopologyPath) => string): string {
  return [...hosts].map(([address, path]) => `${print(address, path)}\n`).join("");
}

topologyResolverSuite("subnet", async (hosts) => ({ resolver: subnetOver(hosts) }));

topologyResolverSuite("cache over subnet", async (hosts) => ({
  resolver: createCachedResolver(subnetOver(hosts), {
    ttlSeconds: 60,
    negativeTtlSeconds: 10,
    waitMs: 500,
    now: () => performance.now(),
  }),
}));

topologyResolverSuite("cache over a resolver that takes its time", async (hosts) => {
  const subnet = subnetOver(hosts);
  const slow = {
    ...subnet,
    locate: async (address: string) => {
      await new Promise((done) => setTimeout(done, 5));
      return subnet.locate(address);
    },
  };
  const limits = { ttlSeconds: 60, negativeTtlSeconds: 10, waitMs: 5_000, now: () => performance.now() };
  return { resolver: createCachedResolver(slow, limits) };
});

topologyResolverSuite("chain of a cache that knows half and a local one", async (hosts) => {
  const half = new Map([...hosts].filter((_, index) => index % 2 === 0));
  const limits = { ttlSeconds: 60, negativeTtlSeconds: 10, waitMs: 500, now: () => performance.now() };
  const links = [createCachedResolver(subnetOver(half), limits), createLocalLink(subnetOver(hosts))];
  return { resolver: createChain(links, limits), answeredBy: ["subnet"] };
});

const asLines = (hosts: Hosts) => lines(hosts, (address, path) => `${address}\t${path.join("/")}`);
topologyResolverSuite("file in lines", fileWith("topology.txt", asLines));

const asCsvPath = (hosts: Hosts) =>
  `address,path\n${lines(hosts, (address, path) => `${address},"${path.join("/")}"`)}`;
topologyResolverSuite("file in CSV with a path", fileWith("topology.csv", asCsvPath));

const asCsvLevels = (hosts: Hosts) =>
  `dc,row,rack,address\n${lines(hosts, (address, path) => `${path.join(",")},${address}`)}`;
topologyResolverSuite("file in CSV with levels, told by content", fileWith("topology", asCsvLevels));

const asYamlMap = (hosts: Hosts) => lines(hosts, (address, path) => `${address}: ${path.join("/")}`);
topologyResolverSuite("file in YAML, a mapping", fileWith("topology.yaml", asYamlMap));

const asYamlList = (hosts: Hosts) =>
  lines(hosts, (address, path) => `- prefix: ${address}\n  path: [${path.join(", ")}]`);
topologyResolverSuite("file in YAML, a list, told by content", fileWith("topology", asYamlList));
