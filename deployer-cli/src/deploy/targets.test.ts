import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TopologyAnswer, Transfer } from "../api/resources.ts";
import type { Inventory } from "../distribution/ansible/inventory.ts";
import { resolveTargets, type TargetSources } from "./targets.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rackcast-targets-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HOSTS = ["r1h1", "r1h2", "r2h1"].map((name) => ({ name, address: `10.77.${name[1]}.${name[3]}` }));

const INVENTORY: Inventory = {
  groups: new Map([
    ["web", ["r1h1", "r2h1"]],
    ["empty", []],
  ]),
  hosts: new Map(HOSTS.map((host) => [host.name, host])),
};

/** Knows the rack by the address' third number. */
function sources(inventory?: Inventory): TargetSources {
  return {
    inventory: inventory && (async () => inventory),
    client: {
      list: async () => [{ targets: ["10.77.1.1", "10.77.9.9"] } as unknown as Transfer],
      locate: async (address) => ({ path: ["ams1", `rack${address.split(".")[2]}`] }) as TopologyAnswer,
    },
  };
}

async function named(specs: string[], inventory?: Inventory): Promise<string[]> {
  return (await resolveTargets(specs, sources(inventory))).map(({ name, address }) => `${name}=${address}`);
}

describe("targets", () => {
  it("are a group or a host of the inventory, with the inventory's names", async () => {
    expect(await named(["web"], INVENTORY)).toEqual(["r1h1=10.77.1.1", "r2h1=10.77.2.1"]);
    expect(await named(["r1h2"], INVENTORY)).toEqual(["r1h2=10.77.1.2"]);
  });

  it("are the hosts of a file that exists, addresses in their canonical form and names by their addresses", async () => {
    const file = join(folder, "hosts.txt");
    writeFileSync(file, "# the fleet\n10.77.1.1\nFD00:0:0::1\nlocalhost\n");
    const found = await named([file]);
    expect(found.slice(0, 2)).toEqual(["10.77.1.1=10.77.1.1", "FD00:0:0::1=fd00::1"]);
    expect(found[2]).toMatch(/^localhost=(127\.0\.0\.1|::1)$/);
  });

  it("are those of the inventory's hosts whose place a glob matches, or of the hosts that were targets before", async () => {
    expect(await named(["ams1/rack1"], INVENTORY)).toEqual(["r1h1=10.77.1.1", "r1h2=10.77.1.2"]);
    expect(await named(["rack:ams1"], INVENTORY)).toHaveLength(3);
    expect(await named(["*/rack9"])).toEqual(["10.77.9.9=10.77.9.9"]);
  });

  it("count once when several specs name a host", async () => {
    expect(await named(["r2h1", "web", "ams1/*"], INVENTORY)).toEqual([
      "r2h1=10.77.2.1",
      "r1h1=10.77.1.1",
      "r1h2=10.77.1.2",
    ]);
  });

  it.each([
    ["a group that is none", ["db"], INVENTORY, "TARGETS_UNKNOWN", /no group or host db; its groups: empty web/],
    ["an empty group", ["empty"], INVENTORY, "TARGETS_EMPTY", /empty .* has no hosts/],
    ["a group without an inventory", ["web"], undefined, "USAGE", /--inventory/],
    ["a glob that matches nobody", ["ber1/*"], INVENTORY, "TARGETS_EMPTY", /ams1\/rack1 ams1\/rack2/],
    ["a file that is not there", ["file:/nowhere"], undefined, "PATH_MISSING", /\/nowhere/],
  ])("are refused by name: %s", async (_, specs, inventory, code, message) => {
    await expect(resolveTargets(specs, sources(inventory))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it("whose names are not in DNS are told with file and line", async () => {
    const file = join(folder, "unknown.txt");
    writeFileSync(file, "10.77.1.1\nno-such-host.invalid\n");
    await expect(named([file])).rejects.toMatchObject({
      code: "TARGETS_UNKNOWN",
      message: expect.stringContaining(`${file}:2`),
    });
  });
});
