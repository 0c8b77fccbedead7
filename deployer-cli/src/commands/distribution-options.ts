// The options of every command that brings releases to hosts, and the driver and hosts that they come to.
import { Option, type Command } from "commander";
import type { TrackerClient } from "../api/tracker-client.ts";
import { createAnsibleDriver } from "../distribution/ansible/ansible-driver.ts";
import type { AnsibleOptions } from "../distribution/ansible/ansible-options.ts";
import { listInventory } from "../distribution/ansible/inventory.ts";
import type { DistributionDriver } from "../distribution/driver.ts";
import { createLocalDriver } from "../distribution/local.ts";
import { createPullDriver } from "../distribution/pull.ts";
import type { DeployReport } from "../deploy/deploy-report.ts";
import type { DistributionOptions } from "../deploy/distribution-run.ts";
import type { TargetSources } from "../deploy/targets.ts";
import { ALL_AT_ONCE, parseWaves, type WaveSize } from "../deploy/waves.ts";
import { CommandError } from "../errors.ts";
import type { Session } from "../session.ts";
import { addAnsibleOptions, type AnsibleCommandOptions, ansibleOptions } from "./ansible-options.ts";
import { collectText, parseDuration, parseShare } from "./options.ts";

export interface DriverCommandOptions extends AnsibleCommandOptions {
  readonly via: DeployReport["via"];
  readonly rtorrentSocket?: string;
  readonly hostFolder?: string;
  readonly trust?: string;
}

export interface WaitingCommandOptions {
  readonly waves: readonly WaveSize[];
  readonly wait: number;
  readonly timeout: number;
  readonly pauseOnFailure?: true;
  readonly json?: true;
  readonly junit?: string;
  readonly report?: string;
}

export const TARGETS_HELP = `
Targets are a group or host of the inventory, a file of hosts (one a line, # for
comments), or a glob of topology paths (ams1/*/rack3; a shorter one takes all
below). group:, file: and rack: in front leave no doubt.`;

export const DRIVERS_HELP = `
Drivers:
  ansible  runs ansible-playbook on the hosts; --forks to --ansible-arg go to it
  pull     waits for hosts that ask the tracker by themselves
  local    drives the rtorrent of this machine, at --rtorrent-socket`;

export function targetsOption(description = "hosts that should have it (repeatable), see below"): Option {
  return new Option("--targets <hosts>", description).argParser(collectText);
}

const DEFAULT_SOCKET = "/run/rackcast/rtorrent.sock";
const DEFAULT_FOLDER = "/var/lib/rackcast";

/** After these, `--inventory` to `--ansible-arg` are ansible's, the others `local`'s. */
export function addDriverOptions(command: Command): Command {
  command.addOption(
    new Option("--via <driver>", "how it gets to the hosts").choices(["ansible", "pull", "local"]).default("ansible"),
  );
  return addAnsibleOptions(command)
    .option("--rtorrent-socket <path>", `rtorrent's unix socket on the hosts (default: ${DEFAULT_SOCKET})`)
    .option("--host-folder <path>", `folder on the hosts with releases and current (default: ${DEFAULT_FOLDER})`)
    .option(
      "--trust <file>",
      "public key (PEM) that hosts verify with; a path there (default: /etc/rackcast/trust.pem, where it is)",
    );
}

export function addWaitingOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--waves <sizes>", "hosts or shares to begin with, one after another, such as 1,10%,100%")
        .argParser(parseWaves)
        .default(ALL_AT_ONCE, "100%"),
    )
    .addOption(
      new Option("--wait <share>", "how many of the hosts are enough").argParser(parseShare).default(1, "100%"),
    )
    .addOption(
      new Option("--timeout <duration>", "how long all waves may take, such as 90s, 10m or 1h")
        .argParser(parseDuration)
        .default(600, "10m"),
    )
    .option("--pause-on-failure", "begin no further wave when a host failed")
    .option("--junit <file>", "write a JUnit report here, a test case for every host")
    .option("--report <file>", "write the JSON report here, too");
}

export function distributionOptions({ wait, timeout, pauseOnFailure }: WaitingCommandOptions): DistributionOptions {
  return { minShare: wait, timeoutSeconds: timeout, pauseOnFailure: pauseOnFailure ?? false };
}

/** Whatever the driver still does when the work is over is ended. */
export async function withDriver(
  options: DriverCommandOptions,
  { env, signal }: Session,
  work: (driver: DistributionDriver) => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  try {
    await work(createDriver(options, env, AbortSignal.any([signal, over.signal])));
  } finally {
    over.abort();
  }
}

function createDriver(options: DriverCommandOptions, env: NodeJS.ProcessEnv, signal: AbortSignal): DistributionDriver {
  refuseIdleOptions(options);
  const { rtorrentSocket: socketPath = DEFAULT_SOCKET, hostFolder: folder = DEFAULT_FOLDER, trust } = options;
  switch (options.via) {
    case "ansible":
      return createAnsibleDriver(optionsForAnsible(options, env, signal));
    case "pull":
      return createPullDriver();
    case "local":
      return createLocalDriver({ socketPath, folder, trustFile: trust, signal });
  }
}

export function targetSources(
  options: DriverCommandOptions,
  client: TrackerClient,
  { env, signal }: Session,
): TargetSources {
  if (!options.inventory) return { client, inventory: undefined };
  const listing = { ...optionsForAnsible(options, env, signal), limit: options.limit };
  return { client, inventory: () => listInventory(listing) };
}

function optionsForAnsible(options: DriverCommandOptions, env: NodeJS.ProcessEnv, signal: AbortSignal): AnsibleOptions {
  const extraVars = [...placeVariables(options), ...(options.extraVars ?? [])];
  return ansibleOptions({ ...options, extraVars }, { env, signal });
}

/** Where the hosts have things, as the playbooks call it; what is not given is the inventory's to say. */
function placeVariables({ hostFolder, rtorrentSocket, trust }: DriverCommandOptions): readonly string[] {
  const places = {
    ...(hostFolder !== undefined && {
      rackcast_releases: `${hostFolder}/releases`,
      rackcast_current: `${hostFolder}/current`,
    }),
    ...(rtorrentSocket !== undefined && { rackcast_socket: rtorrentSocket }),
    ...(trust !== undefined && { rackcast_trust_key: trust }),
  };
  return Object.keys(places).length === 0 ? [] : [JSON.stringify(places)];
}

const ANSIBLE_ONLY = ["forks", "user", "privateKey", "become", "becomeUser", "extraVars", "ansibleArg"] as const;

/** An option without an effect is a misunderstanding that a CI job would never notice. */
function refuseIdleOptions(options: DriverCommandOptions): void {
  const idle = options.via === "ansible" ? undefined : ANSIBLE_ONLY.find((name) => options[name] !== undefined);
  if (idle === undefined) return;
  const flag = idle.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new CommandError("USAGE", `--${flag} is for --via ansible alone; leave it out with --via ${options.via}.`);
}
