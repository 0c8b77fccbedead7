// The DNS resolver under the suite, against a real DNS server, by each kind of record and each way to find it.
import { dnsKind, type TopologyPath } from "@rackcast/smdb-adapter";
import { startDnsServer } from "../support/dns-server.ts";
import { startKind } from "../support/start-kind.ts";
import { type ResolverUnderTest, topologyResolverSuite } from "./topology-resolver-suite.ts";

type Hosts = ReadonlyMap<string, TopologyPath>;

/** `5.1.77.10.in-addr.arpa`. */
function reverseName(address: string): string {
  if (!address.includes(":")) return `${address.split(".").toReversed().join(".")}.in-addr.arpa`;
  const [head = "", tail = ""] = address.split("::");
  const groupsOf = (text: string) => (text === "" ? [] : text.split(":"));
  const zeros = Array.from({ length: 8 - groupsOf(head).length - groupsOf(tail).length }, () => "0");
  const digits = [...groupsOf(head), ...zeros, ...groupsOf(tail)].map((group) => group.padStart(4, "0")).join("");
  return `${digits.split("").toReversed().join(".")}.ip6.arpa`;
}

function hostName(address: string, path: TopologyPath): string {
  return `host-${address.replaceAll(/[.:]/g, "-")}-x.${path.toReversed().join(".")}.example.`;
}

/** Where the racks stand on the globe, and the cells that those places are in. */
const RACK_PLACES = new Map([
  ["ams1/row1/rack1", { loc: "52 22 12.720 N 4 53 42.720 E 2m", cell: "loc-52.361-4.904" }],
  ["ams1/row2/rack1", { loc: "52 18 0.000 N 4 56 24.000 E -3m", cell: "loc-52.307-4.942" }],
  ["fra1/row1/rack-07", { loc: "33 52 7.000 S 151 12 33.000 W 10m 20m 5m 1m", cell: "loc--33.870--151.199" }],
]);

function placeOf(path: TopologyPath) {
  const place = RACK_PLACES.get(path.join("/"));
  if (place === undefined) throw new Error(`the suite has a rack at ${path.join("/")}, of which no place is known`);
  return place;
}

/** What a server holds of each host; the zones are there whatever is in them, so that nothing is refused. */
function zonesOf(hosts: Hosts) {
  const perHost = [...hosts].map(([address, path]) => {
    const [dc, row, rack] = path;
    const reverse = reverseName(address);
    return {
      reverse: [`${reverse}. 120 PTR ${hostName(address, path)}`],
      forward: [
        `${hostName(address, path)} 60 TXT "v=spf1 -all"`,
        `${hostName(address, path)} 60 TXT "dc=${dc}" "row=${row}" "rack=${rack}"`,
        `${hostName(address, path)} 90 LOC ${placeOf(path).loc}`,
      ],
      racks: [`${reverse.replace(/\.(in-addr|ip6)\.arpa$/, "")}.racks.example. TXT "path=${path.join("/")}"`],
    };
  });
  const within = (suffix: string) => perHost.flatMap(({ reverse }) => reverse).filter((line) => line.includes(suffix));
  return new Map([
    ["in-addr.arpa", within(".in-addr.arpa. ")],
    ["ip6.arpa", within(".ip6.arpa. ")],
    ["example", perHost.flatMap(({ forward }) => forward)],
    ["racks.example", perHost.flatMap(({ racks }) => racks)],
  ]);
}

type Settings = Partial<Parameters<typeof dnsKind.start>[0]>;

function dnsWith(settings: Settings, expected?: ResolverUnderTest["expected"]) {
  return async (hosts: Hosts): Promise<ResolverUnderTest> => {
    const server = await startDnsServer(zonesOf(hosts));
    const resolver = await startKind(dnsKind, { servers: [server.address], ...settings });
    return { resolver, stop: server.close, ...(expected === undefined ? {} : { expected }) };
  };
}

const pattern = String.raw`^[^.]+\.(?<rack>[^.]+)\.(?<row>[^.]+)\.(?<dc>[^.]+)\.example\.$`;
topologyResolverSuite("DNS, names by a pattern", dnsWith({ pattern }));

const path = "{dc}/row{number}/{rack}";
const numbered = String.raw`\.(?<rack>[^.]+)\.row(?<number>\d+)\.(?<dc>[^.]+)\.example$`;
topologyResolverSuite("DNS, names by a pattern and a path", dnsWith({ pattern: numbered, path }));

topologyResolverSuite("DNS, TXT records of names", dnsWith({ records: ["txt"] }));

const reversed = dnsWith({ records: ["txt"], txt_name: "{reversed}.racks.example" });
topologyResolverSuite("DNS, TXT records of addresses", reversed);

const afterOthers = dnsWith({
  records: ["ptr", "loc", "txt"],
  pattern: "^nothing$",
  path: "a/b/c",
  loc_name: "{reversed}.racks.example",
  loc_path: "x/y/{loc}",
});
topologyResolverSuite("DNS, TXT records when nothing else says", afterOthers);

const byCell = dnsWith({ records: ["loc"], loc_cell_metres: 2000, loc_path: "earth/any/{loc}" }, (rack) => [
  "earth",
  "any",
  placeOf(rack).cell,
]);
topologyResolverSuite("DNS, LOC records", byCell);
