// Sets machines up as an operator would: the ansible role brings one into shape, and the others start from its disk.
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Outcome, StartedCommand } from "../../integration/cli-process.ts";
import type { LabHost } from "../netlab/shape.ts";
import { TRACKER_URL } from "./deploy-tracker.ts";
import type { World } from "./world.ts";

export type Via = "ansible" | "pull";

const HOME = "/var/lib/rackcast";
const AGENT = "/usr/local/bin/rackcast-pull";
// Where systemd would have a timer and cron a line. The least interval that the agent takes.
const AGENT_SERVICE = `#!/bin/sh
exec start-stop-daemon --start --background --chuid rackcast --pidfile /run/rackcast-pull.pid --make-pidfile \\
  --output /var/log/rackcast-pull.log --startas ${AGENT} -- --loop
`;

/** Starts all machines but those that are to be down, ready to be deployed to; `setUpEach`: none from another's disk. */
export async function prepareHosts(world: World, via: Via, setUpEach: boolean): Promise<void> {
  if (setUpEach) {
    await world.boot(world.up);
    await setUp(world, via, world.up);
    return;
  }
  const [first, ...others] = world.up;
  if (first === undefined) throw new Error("no host is up");
  await world.boot([first]);
  await setUp(world, via, [first]);
  const image = join(world.folder, "image");
  await world.machine(first.name).saveDisk(image);
  await world.boot(others, image);
}

async function setUp(world: World, via: Via, hosts: readonly LabHost[]): Promise<void> {
  const targets = ["--targets", "all", "--limit", hosts.map(({ name }) => name).join(",")];
  const reached = ["--inventory", world.inventory, "--forks", `${hosts.length}`];
  // A lab's machine has what this machine has, and no network to install from.
  await succeeded(
    world.rackcast(["hosts", "setup", "--no-install", ...targets, ...reached, ...(await pullOptions(world, via))]),
  );
  if (via === "pull") await Promise.all(hosts.map(({ name }) => startAgent(world, name)));
}

async function pullOptions(world: World, via: Via): Promise<readonly string[]> {
  if (via !== "pull") return [];
  const variables = JSON.stringify({ rackcast_pull_files: await renderAgent(world) });
  return ["--set", `watchDirectory=${HOME}/watch`, "--extra-vars", variables];
}

/** The files that the role is to place. */
async function renderAgent(world: World): Promise<readonly { src: string; dest: string; mode: string }[]> {
  const folder = join(world.folder, "agent");
  const script = join(folder, "rackcast-pull");
  const service = join(folder, "service");
  await mkdir(folder);
  await succeeded(
    world.rackcast(["config", "render", "pull", "--tracker", TRACKER_URL, "--every-seconds", "5", "--output", script]),
  );
  await writeFile(service, AGENT_SERVICE);
  await chmod(service, 0o755);
  return [
    { src: script, dest: AGENT, mode: "0755" },
    { src: service, dest: "/etc/init.d/rackcast-pull", mode: "0755" },
  ];
}

async function startAgent(world: World, name: string): Promise<void> {
  const machine = world.machine(name);
  await machine.run("ln", "-s", "/etc/init.d/rackcast-pull", "/etc/rc2.d/S99rackcast-pull");
  await machine.run("/etc/init.d/rackcast-pull", "start");
}

export async function succeeded(command: StartedCommand): Promise<Outcome> {
  const outcome = await command.outcome;
  if (outcome.code === 0) return outcome;
  const line = command.process.spawnargs.join(" ");
  throw new Error(`${line} ended with ${outcome.code}:\n${outcome.stdout}${outcome.stderr}`);
}
