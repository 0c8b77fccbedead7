// The deploylab: racks of machines that are reached by ssh, a tracker, and a host where the deployer types `rackcast`.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BIN, type StartedCommand, startProgram } from "../../integration/cli-process.ts";
import { removeNamespacesNow, removeStaleLabs } from "../netlab/namespaces.ts";
import { labHosts, ORIGIN, type LabHost, type LabShape } from "../netlab/shape.ts";
import { createLabNetwork, type LabNetwork } from "../netlab/topology.ts";
import type { Restartable } from "../netlab/trackers/lab-tracker.ts";
import { createWorkspace } from "../netlab/workspace.ts";
import { API_TOKEN, startDeployTracker, TRACKER_URL } from "./deploy-tracker.ts";
import { inventoryText } from "./inventory.ts";
import { type Machine, startMachine } from "./machine.ts";
import { createSshAccess, type SshAccess } from "./ssh-access.ts";

export interface WorldOptions {
  readonly shape: LabShape;
  /** Tells this world from others of the same process. */
  readonly label: string;
  /** Every host's disk but for the narrow ones. */
  readonly diskMiB: number;
  /** Names of hosts that are never started. */
  readonly down: readonly string[];
  /** Names of hosts whose disk has room for no release. */
  readonly narrow: readonly string[];
}

const NARROW_MIB = 8;
const RELEASES_AT_ONCE = 3;

/** What every host's disk must have room for. */
export function disksFor({ payloadMiB }: LabShape): number {
  return NARROW_MIB + RELEASES_AT_ONCE * payloadMiB;
}

export interface World {
  /** Those in racks. */
  readonly hosts: readonly LabHost[];
  /** Of these, the ones that are not to be down. */
  readonly up: readonly LabHost[];
  /** Of these, the ones that a release fits on. */
  readonly sound: readonly LabHost[];
  readonly network: LabNetwork;
  readonly tracker: Restartable;
  /** On the deployer's host, where paths are this machine's. */
  readonly inventory: string;
  /** The deployer's folder, for whatever a run makes. */
  readonly folder: string;
  /** Starts machines, from a saved disk if one is given; resolves when they serve ssh. A host that never is started is down. */
  boot(hosts: readonly LabHost[], image?: string): Promise<void>;
  machine(name: string): Machine;
  /** Starts `rackcast` on the deployer's host; `env` stands over the tracker's URL and token and what every program there has. */
  rackcast(args: readonly string[], env?: Readonly<Record<string, string>>): StartedCommand;
  /** Starts any other program there. */
  run(command: readonly string[], env?: Readonly<Record<string, string>>): StartedCommand;
  close(): Promise<void>;
}

/** Resolves when the tracker serves. All hosts are down. */
export async function createWorld(options: WorldOptions): Promise<World> {
  await removeStaleLabs();
  const folder = await createWorkspace();
  const everybody = labHosts(options.shape.racks);
  const hosts = everybody.filter(({ role }) => role === "host");
  const up = hosts.filter(({ name }) => !options.down.includes(name));
  const sound = up.filter(({ name }) => !options.narrow.includes(name));
  const network = await createLabNetwork(everybody, options.shape, `${options.label}-`);
  const atExit = (): void => removeNamespacesNow(process.pid);
  process.once("exit", atExit);
  const close = async (): Promise<void> => {
    await network.close();
    await rm(folder, { recursive: true, force: true });
    process.removeListener("exit", atExit);
  };
  try {
    const ssh = await createSshAccess(hosts, join(folder, "ssh"));
    const ground = { network, hosts, sound, ssh, folder };
    await Promise.all(hosts.map((host) => network.unplug(host)));
    return {
      hosts,
      up,
      sound,
      network,
      tracker: await startDeployTracker(network, options.shape, join(folder, "tracker")),
      ...createMachines(options, ground),
      ...(await createDeployer(ground)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Ground {
  readonly network: LabNetwork;
  readonly hosts: readonly LabHost[];
  readonly sound: readonly LabHost[];
  readonly ssh: SshAccess;
  readonly folder: string;
}

function createMachines(
  { diskMiB, narrow }: WorldOptions,
  { network, ssh, folder }: Ground,
): Pick<World, "boot" | "machine"> {
  const machines = new Map<string, Machine>();
  const start = async (host: LabHost, image: string | undefined): Promise<void> => {
    const { name } = host;
    const own = {
      folder: join(folder, name),
      sshFolder: ssh.folderOf(host),
      diskMiB: narrow.includes(name) ? NARROW_MIB : diskMiB,
    };
    await network.plug(host);
    machines.set(name, await startMachine({ network, host, image, ...own }));
  };
  return {
    boot: async (hosts, image) => void (await Promise.all(hosts.map((host) => start(host, image)))),
    machine(name) {
      const machine = machines.get(name);
      if (machine === undefined) throw new Error(`${name} was never started`);
      return machine;
    },
  };
}

type Deployer = Pick<World, "inventory" | "folder" | "rackcast" | "run">;

async function createDeployer({ network, hosts, sound, ssh, folder: lab }: Ground): Promise<Deployer> {
  const folder = join(lab, "deployer");
  const inventory = join(folder, "hosts.ini");
  await mkdir(join(folder, "home"), { recursive: true });
  await mkdir(join(folder, "tmp"));
  await writeFile(inventory, inventoryText(hosts, sound, ssh));
  const user = { HOME: join(folder, "home"), TMPDIR: join(folder, "tmp"), LANG: "C.UTF-8" };
  const run: World["run"] = (command, env) => {
    const { file, args } = network.commandIn(ORIGIN, command);
    return startProgram(file, args, { env: { ...user, ...env }, cwd: folder });
  };
  return {
    folder,
    inventory,
    run,
    rackcast: (args, env) =>
      run([process.execPath, BIN, ...args], { RACKCAST_TRACKER: TRACKER_URL, RACKCAST_TOKEN: API_TOKEN, ...env }),
  };
}
