// The files of one run of Ansible, in a folder of their own that nobody else can read.
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { inTurn } from "../../in-turn.ts";
import type { TargetHost } from "../driver.ts";

export interface RunFolder {
  /** Sockets of ssh's shared connections. */
  readonly connections: string;
  /** Ansible's own temporary files. */
  readonly scratch: string;
  /** Host names, one a line, for `--limit @…`. */
  writeLimit(hosts: readonly TargetHost[]): Promise<string>;
  /** An inventory of the hosts by their addresses alone. */
  writeInventory(hosts: readonly TargetHost[]): Promise<string>;
  writeVariables(variables: Readonly<Record<string, unknown>>): Promise<string>;
  /** Ends what ssh left running, and removes everything. */
  close(): Promise<void>;
}

const MOST_AT_ONCE = 8;
const ENDING_MS = 5_000;

export async function createRunFolder(): Promise<RunFolder> {
  const folder = await mkdtemp(join(tmpdir(), "rackcast-ansible-"));
  // Short, as the path of a socket may have about a hundred bytes.
  const connections = join(folder, "c");
  await mkdir(connections);

  async function write(name: string, text: string): Promise<string> {
    const file = join(folder, name);
    await writeFile(file, text);
    return file;
  }

  return {
    connections,
    scratch: join(folder, "scratch"),
    writeLimit: (hosts) => write("limit", hosts.map(({ name }) => `${name}\n`).join("")),
    writeInventory: (hosts) => write("inventory.json", JSON.stringify(inventoryOf(hosts))),
    writeVariables: (variables) => write("variables.json", JSON.stringify(variables)),
    async close() {
      await endConnections(connections);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function inventoryOf(hosts: readonly TargetHost[]): unknown {
  return { all: { hosts: Object.fromEntries(hosts.map(({ name, address }) => [name, { ansible_host: address }])) } };
}

/** Ansible has ssh keep a connection open, in a process of its own, for a minute after its last use. */
async function endConnections(folder: string): Promise<void> {
  const end = async (socket: string) => {
    const path = join(folder, socket);
    const args = ["-F", "none", "-o", `ControlPath=${path}`, "-O", "exit", "rackcast"];
    await execa("ssh", args, { reject: false, stdio: "ignore", timeout: ENDING_MS });
  };
  await inTurn(await readdir(folder), end, MOST_AT_ONCE);
}
