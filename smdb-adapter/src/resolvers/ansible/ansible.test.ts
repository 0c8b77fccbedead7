import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ResolverEvent } from "../../resolver-kind.ts";
import type { TopologyResolver } from "../../topology-resolver.ts";
import type { AnsibleSettings } from "./ansible-settings.ts";
import { ansibleKind, startAnsibleResolver } from "./ansible.ts";

const WATCH_TIMES = { settleMs: 50, pollMs: 200 };
/** What ansible-inventory takes to start on a busy machine. */
const PATIENCE = { timeout: 20_000 };

let folder = "";
let resolver: TopologyResolver | undefined;
let events: ResolverEvent[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rackcast-ansible-"));
  events = [];
});

afterEach(async () => {
  await resolver?.close();
  resolver = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function written(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, text);
  return file;
}

interface Start {
  readonly inventory: string[];
  readonly settings?: Partial<AnsibleSettings>;
  readonly levels?: readonly string[];
}

async function start({ inventory, settings = {}, levels = ["rack"] }: Start): Promise<TopologyResolver> {
  const whole: AnsibleSettings = {
    inventory,
    command: ["ansible-inventory"],
    levels: {},
    groups: [],
    address_variables: ["ansible_host"],
    lookup_names: false,
    list_timeout: 60,
    ...settings,
  };
  const onEvent = (event: ResolverEvent) => void events.push(event);
  resolver = await startAnsibleResolver(whole, { name: "ansible", levels, timeoutMs: 500, onEvent }, WATCH_TIMES);
  return resolver;
}

async function pathOf(address: string): Promise<string | undefined> {
  return (await resolver?.locate(address))?.path.join("/");
}

function faults(): string[] {
  return events.filter((event) => event.kind === "fault").map(({ fault, problem }) => `${fault} ${problem}`);
}

/** A program that lists the given JSON, for what Ansible itself would never say. */
async function listing(json: string): Promise<string[]> {
  await written("listed.json", json);
  const file = await written("list", `#!/bin/sh\ncat ${folder}/listed.json\n`);
  await chmod(file, 0o755);
  return [file];
}

describe("ansible resolver", () => {
  it("is local, and answers without a promise", async () => {
    expect(ansibleKind.isLocal).toBe(true);
    const inventory = [await written("hosts", "web1 ansible_host=10.77.1.5 rack=rack1\n")];
    const { locate } = await start({ inventory });
    expect(locate("10.77.1.5")).toEqual({ path: ["rack1"], resolver: "ansible" });
    expect(events).toEqual([]);
  });

  it("takes variables before groups, numbers as they are, and all addresses of a host", async () => {
    const text = `
[rack_a]
web1 ansible_host=10.77.1.5 ipv6=2001:db8::5
web2 ansible_host=10.77.1.6 rack=7
[rack_b]
10.77.1.7
[dc_ams1:children]
rack_a
rack_b
`;
    const settings = { groups: ["^rack_(?<rack>.+)$", "^dc_(?<dc>.+)$"], address_variables: ["ansible_host", "ipv6"] };
    await start({ inventory: [await written("hosts", text)], settings, levels: ["dc", "rack"] });
    const addresses = ["10.77.1.5", "2001:db8::5", "10.77.1.6", "10.77.1.7"];
    expect(await Promise.all(addresses.map(pathOf))).toEqual(["ams1/a", "ams1/a", "ams1/7", "ams1/b"]);
  });

  it("tells of hosts without a level or an address, of a wrong depth and in two racks, and places the others", async () => {
    const text = `
control rack=r1
web1 ansible_host=web1.example rack=r1
web2 ansible_host=10.77.1.6
web3 ansible_host=10.77.1.7 rack="{{ cabinet }}"
web4 ansible_host=10.77.1.8
web5 ansible_host=10.77.1.9 rack=row1/rack1
[rack_b]
web4
[rack_a]
web4
`;
    await start({ inventory: [await written("hosts", text)], settings: { groups: ["^rack_(?<rack>.+)$"] } });
    expect(await pathOf("10.77.1.8")).toBe("a");
    expect(await pathOf("10.77.1.7")).toBeUndefined();
    expect(await pathOf("10.77.1.9")).toBeUndefined();
    expect(faults().sort()).toEqual([
      expect.stringMatching(/^host-without-address .*hosts: 2 hosts without an address: control, web1$/),
      expect.stringMatching(/^host-without-level .*: 2 hosts without a level.*: web2 \(rack\), web3 \(rack\)$/),
      expect.stringMatching(/^path-refused .*: 1 host .*: web5 \("row1\/rack1" has a slash within a level's name\)$/),
      expect.stringMatching(/^several-places .*: 1 host in several groups of one level.*: web4 \(rack\)$/),
    ]);
  });

  it("looks names up when it is told to", async () => {
    const text = "localhost rack=r1\nodd ansible_host=no-such-host.invalid rack=r2\n";
    await start({ inventory: [await written("hosts", text)], settings: { lookup_names: true } });
    expect([await pathOf("127.0.0.1"), await pathOf("::1")]).toContain("r1");
    expect(faults()).toEqual([expect.stringMatching(/^host-without-address .*: odd$/)]);
  });

  it("takes a changed inventory, and keeps what it had when the new one is bad", async () => {
    const file = await written("hosts.ini", "web1 ansible_host=10.77.1.5 rack=rack1\n");
    await start({ inventory: [file] });
    await writeFile(file, "web1 ansible_host=10.77.1.5 rack=rack2\n");
    await vi.waitFor(async () => expect(await pathOf("10.77.1.5")).toBe("rack2"), PATIENCE);
    expect(events).toEqual([{ kind: "reloaded", resolver: "ansible", source: file, entryCount: 1 }]);
    await writeFile(file, "[[\n");
    await vi.waitFor(() => expect(events).toHaveLength(2), PATIENCE);
    expect(events[1]).toMatchObject({ kind: "refused", source: file, error: { code: "TOPOLOGY_FILE_UNREADABLE" } });
    expect(await pathOf("10.77.1.5")).toBe("rack2");
  });

  it("takes changed variables beside the inventory, and changes within a folder", async () => {
    const file = await written("hosts", "[web]\nweb1 ansible_host=10.77.1.5\n");
    const variables = await written("group_vars/web.yml", "rack: rack1\n");
    const inside = await written("more/hosts", "web2 ansible_host=10.77.1.6 rack=rack1\n");
    await start({ inventory: [file, join(folder, "more")] });
    expect(await pathOf("10.77.1.5")).toBe("rack1");
    await writeFile(variables, "rack: rack2\n");
    await vi.waitFor(async () => expect(await pathOf("10.77.1.5")).toBe("rack2"), PATIENCE);
    await writeFile(inside, "web2 ansible_host=10.77.1.6 rack=rack3\n");
    await vi.waitFor(async () => expect(await pathOf("10.77.1.6")).toBe("rack3"), PATIENCE);
  });

  it("lists again when told to, as an inventory may be a program", async () => {
    const command = await listing('{"_meta": {"hostvars": {"10.0.0.1": {"rack": "r1"}}}}');
    const { reload } = await start({ inventory: ["somewhere"], settings: { command } });
    await listing('{"_meta": {"hostvars": {"10.0.0.1": {"rack": "r2"}}}}');
    await reload();
    expect(await pathOf("10.0.0.1")).toBe("r2");
  });

  it.each([
    ["cannot be parsed", "all:\n  hosts: [a\n", "TOPOLOGY_FILE_UNREADABLE", /hosts\.yml.*line 3/s],
    [
      "names no host with a place",
      "all:\n  hosts:\n    web1:\n",
      "TOPOLOGY_FILE_FAULTY",
      /says of none of its 1 hosts.*web1 \(rack\)/,
    ],
    [
      "has two hosts with one address in two racks",
      "all:\n  hosts:\n    a: {ansible_host: 10.0.0.1, rack: r1}\n    b: {ansible_host: 10.0.0.1, rack: r2}\n",
      "TOPOLOGY_FILE_FAULTY",
      /hosts\.yml: host b: "10\.0\.0\.1": is given two places: r2 here and r1 at .*host a/,
    ],
    [
      "has no rack but one with a slash",
      "all:\n  hosts:\n    a: {ansible_host: 10.0.0.1, rack: r/1}\n",
      "TOPOLOGY_FILE_FAULTY",
      /none of its 1 hosts.*a \("r\/1" has a slash/,
    ],
  ])("refuses to start when the inventory %s", async (_what, text, code, message) => {
    const attempt = start({ inventory: [await written("hosts.yml", text)] });
    await expect(attempt).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it("refuses to start without an inventory", async () => {
    const attempt = start({ inventory: [join(folder, "nowhere")] });
    await expect(attempt).rejects.toMatchObject({
      code: "TOPOLOGY_FILE_UNREADABLE",
      message: expect.stringContaining("nowhere"),
    });
  });

  it.each<[string, string]>([
    ["no JSON", "hello"],
    ["no inventory", "[]"],
    ["hosts without variables", '{"_meta": {"hostvars": 7}}'],
    ["odd values", '{"_meta": {"hostvars": {"a": null, "b": [1]}}, "all": {"hosts": "x", "children": {}}, "y": 4}'],
    [
      "groups in a circle",
      '{"_meta": {"hostvars": {}}, "a": {"children": ["b"]}, "b": {"children": ["a"], "hosts": ["h"]}}',
    ],
  ])("refuses to start when what is listed is %s", async (_what, json) => {
    const attempt = start({ inventory: ["x"], settings: { command: await listing(json) } });
    await expect(attempt).rejects.toMatchObject({ code: "TOPOLOGY_FILE_FAULTY" });
  });

  it("ends a listing that takes too long", async () => {
    const file = await written("list", "#!/bin/sh\nsleep 60\n");
    await chmod(file, 0o755);
    const attempt = start({ inventory: ["x"], settings: { command: [file], list_timeout: 0.3 } });
    await expect(attempt).rejects.toThrow("did not end within 300 ms");
  });

  it.each<[string, Partial<AnsibleSettings>, string]>([
    [
      "a program that is not there",
      { command: ["no-such-ansible"] },
      'ansible.command: "no-such-ansible": is in no folder of PATH; install ansible-core',
    ],
    ["a variable for no level", { levels: { row: "row" } }, 'ansible.levels: "row": is no level; the levels are rack'],
    ["a pattern that is none", { groups: ["("] }, 'ansible.groups: "(": Invalid regular expression'],
    ["a pattern without a group", { groups: ["^rack_"] }, "has no named group; name one (?<rack>…)"],
    [
      "a pattern with a group that is no level",
      { groups: ["(?<room>.)"] },
      "has a group named room, which is no level",
    ],
  ])("refuses %s", async (_what, settings, message) => {
    const attempt = start({ inventory: ["x"], settings });
    await expect(attempt).rejects.toMatchObject({
      code: "RESOLVER_SETTINGS_FAULTY",
      message: expect.stringContaining(message),
    });
  });
});
