// The rest resolver over the reference SMDB, in every shape that it asks for.
import { restKind, type TopologyPath } from "@rackcast/smdb-adapter";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { makeCertificates } from "../support/certificates.ts";
import { hostsOf, startTestSmdb } from "../support/reference-smdb.ts";
import { type ResolverUnderTest, topologyResolverSuite } from "./topology-resolver-suite.ts";

type Settings = Parameters<typeof restKind.start>[0];
type SmdbOptions = Parameters<typeof startTestSmdb>[1];

const folder = mkdtempSync(join(tmpdir(), "rackcast-rest-suite-"));
afterAll(() => rmSync(folder, { recursive: true }));
const { caFile, certFile, keyFile } = makeCertificates(folder);

function restOver(smdbOptions: SmdbOptions, settings: Omit<Settings, "url">) {
  return async (hosts: ReadonlyMap<string, TopologyPath>): Promise<ResolverUnderTest> => {
    const smdb = await startTestSmdb(hostsOf(hosts), smdbOptions);
    const resolver = await restKind.start(
      { url: smdb.url, ...settings },
      { name: "rest", levels: ["dc", "row", "rack"], timeoutMs: 10_000, onEvent: () => {} },
    );
    return { resolver, stop: () => smdb.close() };
  };
}

const token = "a-token-of-the-suite";
const tls = { certFile, keyFile };

topologyResolverSuite("rest", restOver({}, {}));

topologyResolverSuite("rest over https, with a token", restOver({ tls, token }, { ca_file: caFile, token }));

topologyResolverSuite("rest of NetBox", restOver({}, { preset: "netbox" }));

topologyResolverSuite(
  "rest of NetBox over https, with a token",
  restOver({ tls, token }, { preset: "netbox", ca_file: caFile, token, connections: 2 }),
);

const byName: Omit<Settings, "url"> = {
  path: "/api/ipam/ip-addresses/?address={address}",
  follow: [{ each: "/results/*/assigned_object", take: { name: "/device/name" }, path: "/servers/{name}" }],
  hosts: "",
  levels: { dc: "/dc", row: "/row", rack: "/cabinet" },
};
topologyResolverSuite("rest of a shape of its own", restOver({}, byName));
