// `rackcast deploy`: from a file or folder to the last host, in one command.
import type { Command } from "commander";
import { deploy } from "../deploy/deploy.ts";
import { printDryRun } from "../deploy/dry-run.ts";
import { resolveTargets } from "../deploy/targets.ts";
import { CommandError } from "../errors.ts";
import type { Session } from "../session.ts";
import { connect } from "./access.ts";
import { conclude } from "./deploy-conclusion.ts";
import { examples } from "./examples.ts";
import {
  addDriverOptions,
  addWaitingOptions,
  distributionOptions,
  type DriverCommandOptions,
  DRIVERS_HELP,
  TARGETS_HELP,
  targetSources,
  targetsOption,
  type WaitingCommandOptions,
  withDriver,
} from "./distribution-options.ts";
import {
  jsonOption,
  originOption,
  parseBytes,
  parseCount,
  parseHttpUrl,
  signKeyOption,
  trackerOption,
} from "./options.ts";

interface DeployCommandOptions extends DriverCommandOptions, WaitingCommandOptions {
  readonly tracker: string;
  readonly targets: readonly string[];
  readonly name?: string;
  readonly announce?: string;
  readonly pieceLength?: number;
  readonly signKey?: string;
  readonly origin?: readonly string[];
  readonly originSocket?: string;
  readonly originMbps?: number;
  readonly keep?: number;
  readonly dryRun?: true;
}

const HELP = `${TARGETS_HELP}
${DRIVERS_HELP}

This machine seeds while the deploy goes on, with an rtorrent of its own; or
with the one at --origin-socket; or not at all when --origin names other hosts,
which then have to seed. A host counts once the SHA-256 of every file is right.

Interrupted or failed, the same command goes on where it was. Exit codes: 0
enough hosts have it, 1 hosts failed (they are named), 2 usage, 3 hosts were
late, 130 interrupted.
${examples(
  "deploy web-1.2 --targets web -i prod.ini --waves 1,10%,100% --keep 3",
  "deploy app.tar --name app-7 --targets hosts --via pull --wait 95%",
  "deploy build --name web-1.2 --targets 'ams1/*' -i prod.ini --dry-run",
)}`;

export function addDeployCommand(program: Command, session: Session): void {
  const command = program
    .command("deploy")
    .description("build, publish, seed and distribute a release, and wait until the hosts have it")
    .argument("<path>", "a file or a folder")
    .addOption(trackerOption())
    .option("--name <name>", "the release: its series and version, such as web-1.2.3 (default: the path's last part)")
    .addOption(targetsOption().makeOptionMandatory());
  addWaitingOptions(addDriverOptions(command))
    .addOption(originOption())
    .option("--origin-socket <path>", "unix socket of an rtorrent of this machine that is to seed")
    .option(
      "--origin-mbps <rate>",
      "what the deploy's own seeder may upload at, in Mbit/s (default: no limit)",
      parseCount,
    )
    .option("--announce <url>", "where hosts announce (default: the tracker's URL with /announce)", parseHttpUrl)
    .option("--piece-length <bytes>", "a power of two such as 1MiB (default: by size)", parseBytes)
    .addOption(signKeyOption())
    .option("--keep <count>", "afterwards take all but the newest releases of the series off the hosts", parseCount)
    .option("--dry-run", "say what would be done, and change nothing")
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action((path: string, options: DeployCommandOptions) => run(path, options, session));
}

async function run(path: string, options: DeployCommandOptions, session: Session): Promise<void> {
  refuseTorrent(path);
  const client = connect(session, options);
  const hosts = await resolveTargets(options.targets, targetSources(options, client, session));
  const {
    name,
    announce: announceUrl,
    pieceLength: pieceLengthBytes,
    signKey: signKeyFile,
    waves,
    keep,
    via,
  } = options;
  const origin = {
    addresses: options.origin ?? [],
    socketPath: options.originSocket,
    uploadMbps: options.originMbps,
    trackerUrl: client.url,
  };
  const settings = {
    ...distributionOptions(options),
    path,
    name,
    announceUrl,
    pieceLengthBytes,
    signKeyFile,
    hosts,
    waves,
    origin,
    keep,
  };
  await withDriver(options, session, async (driver) => {
    const crew = { client, driver, via, session };
    if (options.dryRun) await printDryRun(settings, crew, options.json ?? false);
    else await conclude(await deploy(settings, crew), options, session);
  });
}

function refuseTorrent(path: string): void {
  if (!path.endsWith(".torrent")) return;
  const remedy = "give the payload's path, or publish the torrent and load it on the hosts yourself";
  throw new CommandError("USAGE", `deploy seeds the payload, and ${path} has none in it; ${remedy}.`);
}
