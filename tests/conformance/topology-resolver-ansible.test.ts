// The Ansible resolver under the suite, over real inventories that the real ansible-inventory lists.
import { ansibleKind, type TopologyPath } from "@rackcast/smdb-adapter";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startKind } from "../support/start-kind.ts";
import { type ResolverUnderTest, topologyResolverSuite } from "./topology-resolver-suite.ts";

type Hosts = ReadonlyMap<string, TopologyPath>;
type Settings = Partial<Parameters<typeof ansibleKind.start>[0]>;

/** `print` gives the text of each file of the inventory. */
function inventoryWith(print: (hosts: Hosts) => ReadonlyMap<string, string>, settings: Settings) {
  return async (hosts: Hosts): Promise<ResolverUnderTest> => {
    const folder = await mkdtemp(join(tmpdir(), "rackcast-ansible-"));
    const files = [...print(hosts)].map(([name, text]) => ({ file: join(folder, name), text }));
    for (const { file, text } of files) await writeFile(file, text);
    const resolver = await startKind(ansibleKind, { inventory: files.map(({ file }) => file), ...settings });
    return { resolver, stop: () => rm(folder, { recursive: true }) };
  };
}

function asVariables(hosts: Hosts) {
  const lines = [...hosts].map(
    ([address, [dc, row, rack]], index) => `web${index} ansible_host=${address} site=${dc} row=${row} rack=${rack}`,
  );
  return new Map([["hosts", `control ansible_connection=local\n${lines.join("\n")}\n`]]);
}

/** A file for each rack: groups within groups, and hosts that are named by their addresses. */
function asGroups(hosts: Hosts) {
  const racks = Map.groupBy(hosts, ([, path]) => path.join("/"));
  const files = [...racks].map(([path, members], index): [string, string] => {
    const [dc, row, rack] = path.split("/");
    const addresses = Object.fromEntries(members.map(([address]) => [address, {}]));
    const children = {
      [`dc_${dc}`]: { children: { [`row_${dc}_${row}`]: {} } },
      [`row_${dc}_${row}`]: { vars: { row }, children: { [`rack${index}`]: {} } },
      [`rack${index}`]: { vars: { cabinet: rack }, hosts: addresses },
    };
    return [`rack${index}.yml`, JSON.stringify({ all: { children } })];
  });
  return new Map(files);
}

const levels = { dc: "site" };
topologyResolverSuite("Ansible inventory, by variables", inventoryWith(asVariables, { levels }));

const groups = ["^dc_(?<dc>.+)$"];
topologyResolverSuite(
  "Ansible inventory in several files, by groups and their variables",
  inventoryWith(asGroups, { groups, levels: { rack: "cabinet" } }),
);
