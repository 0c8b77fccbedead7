// What the deploylab's stories are told with: commands as an operator types them, and what they came to on the hosts.
import assert from "node:assert/strict";
import { readlink, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { DeployReport, HostOutcome } from "../../../deployer-cli/src/deploy/deploy-report.ts";
import type { Outcome, StartedCommand } from "../../integration/cli-process.ts";
import type { LabHost } from "../netlab/shape.ts";
import type { Via } from "./preparing.ts";
import { createRelease, LARGE_FILE, type ReleaseFolder, sumsOn } from "./release.ts";
import type { World } from "./world.ts";

export interface Stage {
  readonly world: World;
  readonly via: Via;
  /** `--waves` of the first release. */
  readonly waves: string;
  readonly sizeMiB: number;
  /** A release of this name; the same one when it is asked for again. */
  release(name: string): Promise<ReleaseFolder>;
  /** Starts `rackcast deploy` of it to a group of the inventory. */
  deploy(release: ReleaseFolder, group: string, ...options: readonly string[]): StartedCommand;
  rollback(name: string, ...options: readonly string[]): StartedCommand;
}

export interface Finished extends Outcome {
  readonly report: DeployReport;
}

const HOME = "/var/lib/rackcast";
const POLL_MS = 100;
const PATIENCE_MS = 120_000;

type StageOptions = Pick<Stage, "world" | "via" | "waves" | "sizeMiB">;

export function createStage({ world, via, waves, sizeMiB }: StageOptions): Stage {
  const releases = new Map<string, Promise<ReleaseFolder>>();
  const how = ["--via", via, "--inventory", world.inventory, "--timeout", `${PATIENCE_MS / 1000}s`, "--json"];
  return {
    world,
    via,
    waves,
    sizeMiB,
    release(name) {
      const made = releases.get(name) ?? createRelease(world.folder, name, sizeMiB);
      releases.set(name, made);
      return made;
    },
    deploy: ({ name, path }, group, ...options) =>
      world.rackcast(["deploy", path, "--name", name, "--targets", group, ...how, ...options]),
    rollback: (name, ...options) => world.rackcast(["rollback", name, ...how, ...options]),
  };
}

/** Waits for the report, which must say what the exit code says. */
export async function finished({ outcome }: StartedCommand): Promise<Finished> {
  const ended = await outcome;
  assert.notEqual(ended.stdout, "", `no report, but: ${ended.stderr}`);
  const report = JSON.parse(ended.stdout) as DeployReport;
  assert.equal(report.exitCode, ended.code, ended.stderr);
  return { ...ended, report };
}

/** The hosts that the report has in a state. */
export function hostsIn({ hosts }: DeployReport, state: HostOutcome["state"]): readonly string[] {
  return hosts.filter((host) => host.state === state).map(({ name }) => name);
}

export function failureOf({ hosts }: DeployReport, name: string): Pick<HostOutcome, "code" | "message"> | undefined {
  return hosts.find((host) => host.name === name);
}

/** That these hosts have exactly the release's files, and use it. */
export async function assertCurrent(
  { world }: Stage,
  release: ReleaseFolder,
  hosts: readonly LabHost[],
): Promise<void> {
  await Promise.all(
    hosts.map(async ({ name }) => {
      const machine = world.machine(name);
      const [series = ""] = release.name.split("-");
      assert.equal(await readlink(machine.fileOf(`${HOME}/current/${series}`)), `../releases/${release.name}`, name);
      assert.equal(await sumsOn(machine, `${HOME}/current/${series}/`), release.sums, name);
    }),
  );
}

/** Where a host has, or comes to have, the release's large file, as seen from here. */
export function largeFileOn({ world }: Stage, { name }: ReleaseFolder, host: string): string {
  return world.machine(host).fileOf(`${HOME}/releases/${name}/${LARGE_FILE}`);
}

interface Underway {
  readonly release: ReleaseFolder;
  readonly host: string;
  readonly deploy: StartedCommand;
}

/** Waits until a deploy has a host begin with the release; fails when the deploy ends before. */
export async function begun(stage: Stage, { release, host, deploy }: Underway): Promise<void> {
  const file = largeFileOn(stage, release, host);
  await untilUnderway(`${host} has begun with ${release.name}`, deploy, async () => {
    const found = await stat(file).catch(() => undefined);
    return found !== undefined && found.blocks > 0;
  });
}

/** Waits until a deploy is logged in to a host; where hosts pull, until it has begun. */
export async function addressed(stage: Stage, underway: Underway): Promise<void> {
  if (stage.via === "pull") return begun(stage, underway);
  const { host, deploy } = underway;
  await untilUnderway(`${host} is logged in to`, deploy, async () => {
    const sessions = stage.world.machine(host).run("pgrep", "--full", "sshd: root");
    return sessions.then(
      () => true,
      () => false,
    );
  });
}

async function untilUnderway(what: string, deploy: StartedCommand, holds: () => Promise<boolean>): Promise<void> {
  await until(what, async () => {
    if (deploy.process.exitCode !== null) throw new Error(`the deploy ended: ${(await deploy.outcome).stderr}`);
    return holds();
  });
}

/** Waits until a host has every byte of the release. */
export async function complete({ world }: Stage, release: ReleaseFolder, host: string): Promise<void> {
  await until(
    `${host} has all of ${release.name}`,
    async () => (await sumsOn(world.machine(host), `${HOME}/releases/${release.name}`)) === release.sums,
  );
}

/** Stops a host's own agent, where it has one, or lets it go on: stopped, it verifies nothing. */
export async function signalAgent({ world, via }: Stage, host: string, signal: "STOP" | "CONT"): Promise<void> {
  if (via === "pull") await world.machine(host).run("pkill", `-${signal}`, "--full", "rackcast-pull --loop");
}

/** Waits until a command has written something to stderr. */
export async function said({ process: command, outcome }: StartedCommand, words: RegExp): Promise<void> {
  let text = "";
  await new Promise<void>((resolve, reject) => {
    command.stderr?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (words.test(text)) resolve();
    });
    void outcome.then(({ stderr }) => reject(new Error(`it never said ${words.source}: ${stderr}`)));
  });
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${PATIENCE_MS / 1000} s: ${what}`);
    await sleep(POLL_MS);
  }
}
