// Holds what the ansible driver does with the real ansible-playbook: hosts that are this machine, and hosts that fail.
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { RtorrentProcess } from "@rackcast/deployer-cli/rtorrent";
import { createAnsibleDriver } from "../../deployer-cli/src/distribution/ansible/ansible-driver.ts";
import type { AnsibleOptions } from "../../deployer-cli/src/distribution/ansible/ansible-options.ts";
import { listInventory } from "../../deployer-cli/src/distribution/ansible/inventory.ts";
import type { TargetHost } from "../../deployer-cli/src/distribution/driver.ts";
import { CommandError } from "../../deployer-cli/src/errors.ts";
import { makeRelease, makeReleaseHost, type ReleaseHost, type ReleaseSource } from "../support/release-host.ts";

const PORT = 6942;
const TIMEOUT_MS = 60_000;
// A closed port: nobody listens at it.
const INVENTORY = `
[web]
web1 ansible_connection=local
web2 ansible_host=127.0.0.1 ansible_port=1 ansible_ssh_common_args="-o ConnectTimeout=5"
web3 ansible_connection=local rackcast_socket=/nonexistent.sock
[db]
db1 ansible_host=::FFFF:192.0.2.7
db2 ansible_host=elsewhere rackcast_address=192.0.2.8
[prod:children]
web
db
[all:vars]
ansible_python_interpreter=/usr/bin/python3
`;

const scratch = mkdtempSync(join(tmpdir(), "rackcast-driver-"));
const inventory = join(scratch, "hosts.ini");
let source: ReleaseSource;
let host: ReleaseHost;
let rtorrent: RtorrentProcess;

beforeAll(async () => {
  // So that what is left there is ours.
  vi.stubEnv("TMPDIR", scratch);
  writeFileSync(inventory, INVENTORY);
  source = await makeRelease(scratch);
  host = makeReleaseHost(join(scratch, "host"));
  rtorrent = await host.start(PORT);
  source.copyTo(host);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rtorrent?.kill();
  rmSync(scratch, { recursive: true, force: true });
});

const targets = (...names: string[]): TargetHost[] => names.map((name) => ({ name, address: "127.0.0.1" }));

function optionsWith(more: Partial<AnsibleOptions> = {}): AnsibleOptions {
  const { releases, current, socket } = host;
  const places = { rackcast_releases: releases, rackcast_current: current, rackcast_trust_key: host.trustKey };
  return {
    inventory: [inventory],
    env: process.env,
    signal: new AbortController().signal,
    extraVars: [JSON.stringify({ ...places, rackcast_socket: socket }), ...(more.extraVars ?? [])],
    ...more,
  };
}

async function refusalOf(work: Promise<unknown>): Promise<CommandError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CommandError);
  return error as CommandError;
}

/** What a run leaves: its folder in the system's temporary one. */
const leftFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith("rackcast-ansible-"));

describe("the ansible driver", () => {
  it(
    "loads, verifies and keeps a release on the hosts of an inventory, and says of each other host what is wrong",
    async () => {
      const loaded: string[] = [];
      const places = `rackcast_releases=${host.releases} rackcast_current=${host.current}`;
      // The socket comes from the inventory or is that of the one rtorrent.
      writeFileSync(
        inventory,
        INVENTORY.replace("[all:vars]", `[web:vars]\nrackcast_socket=${host.socket}\n[all:vars]`),
      );
      const driver = createAnsibleDriver(optionsWith({ extraVars: [places] }));
      const hosts = targets("web1", "web2", "web3", "web9");
      const failures = await driver.load(source.release, hosts, {
        anew: false,
        onLoaded: (name) => void loaded.push(name),
      });
      expect(failures).toEqual([
        {
          host: targets("web2")[0],
          code: "UNREACHABLE",
          message: expect.stringMatching(/port 1: Connection refused$/),
        },
        { host: targets("web3")[0], code: "CLIENT_MISSING", message: expect.stringContaining("/nonexistent.sock") },
        { host: targets("web9")[0], code: "UNREACHABLE", message: "the inventory has no host web9; add it there" },
      ]);
      expect(loaded).toEqual(["web1"]);
      expect((await rtorrent.control.list()).map(({ hash }) => hash)).toEqual([source.release.infoHash]);

      expect(await driver.verify!(source.release, targets("web1"))).toEqual([]);
      expect(existsSync(join(host.current, "web/app.bin"))).toBe(true);

      const [kept] = await driver.remove!([source.release], targets("web1"));
      expect(kept).toMatchObject({ code: "REMOVE_FAILED", message: expect.stringContaining("web-1.0 is current") });
      expect(leftFolders()).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    "reaches hosts without an inventory by their addresses",
    async () => {
      const hosts = [
        { name: "rack1-a", address: "127.0.0.1" },
        { name: "2001:db8::1", address: "2001:db8::1" },
      ];
      const extraVars = [
        JSON.stringify({
          ansible_connection: "local",
          rackcast_releases: host.releases,
          rackcast_current: host.current,
          rackcast_trust_key: "/nonexistent",
          ansible_python_interpreter: "/usr/bin/python3",
        }),
      ];
      const driver = createAnsibleDriver(optionsWith({ inventory: [], extraVars }));
      expect(await driver.verify!(source.release, hosts)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    "ends with everything that it started when it is interrupted",
    async () => {
      const mark = join(scratch, "slow-python");
      writeFileSync(mark, "#!/bin/sh\nsleep 300 &\nwait\n");
      chmodSync(mark, 0o755);
      const slow = join(scratch, "slow.ini");
      writeFileSync(slow, `slow ansible_connection=local ansible_python_interpreter=${mark}\n`);
      const closing = new AbortController();
      const driver = createAnsibleDriver(optionsWith({ inventory: [slow], signal: closing.signal }));
      const loading = driver.load(source.release, targets("slow"));
      const running = () =>
        readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(scratch));
      while (!running().some((pid) => commandLine(pid).includes(mark))) await delay(100);
      closing.abort(new CommandError("INTERRUPTED", "interrupted"));
      expect(await refusalOf(loading)).toMatchObject({ code: "INTERRUPTED" });
      expect(running().filter((pid) => /ansible|slow/.test(commandLine(pid)))).toEqual([]);
      expect(leftFolders()).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return "";
  }
}

describe("what concerns all hosts", () => {
  it("is refused before anything begins: no Ansible, and options that are the driver's own", async () => {
    const missing = await refusalOf(
      createAnsibleDriver(optionsWith({ ansiblePlaybook: "/nonexistent/ansible-playbook" })).check(),
    );
    expect(missing).toMatchObject({ code: "ANSIBLE_MISSING" });
    expect(missing.message).toMatch(/nonexistent.*\nInstall ansible-core/);
    const refused = await refusalOf(createAnsibleDriver(optionsWith({ extraArgs: ["--limit=web1"] })).check());
    expect(refused).toMatchObject({ code: "USAGE" });
  });

  it(
    "is told with what Ansible says and what to do: an inventory, targets that it has none of",
    async () => {
      const broken = join(scratch, "broken.yml");
      writeFileSync(broken, "all: [\n");
      const badInventory = await refusalOf(createAnsibleDriver(optionsWith({ inventory: [broken] })).check());
      expect(badInventory).toMatchObject({ code: "ANSIBLE_FAILED" });
      expect(badInventory.message).toMatch(/broken\.yml[^]*Correct the inventory/);

      const driver = createAnsibleDriver(optionsWith());
      expect((await refusalOf(driver.load(source.release, targets("web8")))).message).toMatch(/as the inventory does/);
    },
    TIMEOUT_MS,
  );
});

describe("an inventory", () => {
  const list = (limit?: string) => listInventory({ ...optionsWith(), extraVars: [], limit });

  it("has groups with the hosts of their children, and the addresses of hosts", async () => {
    writeFileSync(
      inventory,
      INVENTORY.replace("web1 ", "web1 ansible_host=localhost ").replace("web3 ", "web3 ansible_host=127.0.0.3 "),
    );
    const { groups, hosts } = await list();
    expect(groups.get("prod")).toEqual(["web1", "web2", "web3", "db1", "db2"]);
    expect([...groups.get("all")!].sort()).toEqual(["db1", "db2", "web1", "web2", "web3"]);
    expect([...hosts.values()].map(({ name, address }) => `${name} ${address}`).sort()).toEqual([
      "db1 192.0.2.7",
      "db2 192.0.2.8",
      "web1 127.0.0.1",
      "web2 127.0.0.1",
      "web3 127.0.0.3",
    ]);
  });

  it("is narrowed by a pattern, and names the hosts without an address", async () => {
    writeFileSync(inventory, INVENTORY.replace("ansible_host=::FFFF:192.0.2.7", "ansible_host=nowhere.invalid"));
    const { groups, hosts } = await list("web:!web3:&web2");
    expect(groups.get("prod")).toEqual(["web2"]);
    expect([...hosts.keys()]).toEqual(["web2"]);
    const refused = await refusalOf(list());
    expect(refused.message).toMatch(/^The inventory has no address for web1, web3, db1\.\n/);
  });
});
