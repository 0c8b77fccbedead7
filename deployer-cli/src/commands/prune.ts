// `rackcast prune`: old releases go out of service and off the hosts.
import { Option, type Command } from "commander";
import { type PruneOutcome, pruneSeries } from "../deploy/pruning.ts";
import { activeReleases } from "../deploy/release-history.ts";
import { seriesOf } from "../deploy/release-name.ts";
import { describeFailure } from "../deploy/deploy-picture.ts";
import { resolveTargets, targetsByAddress } from "../deploy/targets.ts";
import type { TargetHost } from "../distribution/driver.ts";
import { CommandError } from "../errors.ts";
import type { Session } from "../session.ts";
import { connect } from "./access.ts";
import { examples } from "./examples.ts";
import {
  addDriverOptions,
  type DriverCommandOptions,
  TARGETS_HELP,
  targetSources,
  targetsOption,
  withDriver,
} from "./distribution-options.ts";
import { jsonOption, parseCount, trackerOption } from "./options.ts";

interface PruneCommandOptions extends DriverCommandOptions {
  readonly tracker: string;
  readonly keep: number;
  readonly targets?: readonly string[];
  readonly json?: true;
}

const HELP = `
A series is what releases are called without their version: web of web-1.2.3.
Releases that are out of service already are taken off once more, for hosts that
were away. The current one always stays.
${TARGETS_HELP}
${examples("prune web --keep 3 -i hosts.ini", "prune web --keep 1 --via pull")}`;

export function addPruneCommand(program: Command, session: Session): void {
  const command = program
    .command("prune")
    .description("take all but the newest releases of a series off the hosts")
    .argument("<series>", "such as web, or one of its releases")
    .addOption(trackerOption())
    .addOption(new Option("--keep <count>", "how many stay").argParser(parseCount).default(3))
    .addOption(targetsOption("hosts to clear (repeatable; default: those that should have the current release)"));
  addDriverOptions(command)
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action((series: string, options: PruneCommandOptions) => run(series, options, session));
}

async function run(wanted: string, options: PruneCommandOptions, session: Session): Promise<void> {
  const client = connect(session, options);
  const transfers = await client.list();
  const series = transfers.some((transfer) => transfer.series === wanted) ? wanted : seriesOf(wanted);
  const [current] = activeReleases(transfers, series);
  if (!current) {
    throw new CommandError("TRANSFER_UNKNOWN", `No release of ${series} is active; see what there is: rackcast list`);
  }
  const sources = targetSources(options, client, session);
  const hosts = options.targets
    ? await resolveTargets(options.targets, sources)
    : await targetsByAddress(current.targets, current.name, sources);
  await withDriver(options, session, async (driver) => {
    await driver.check();
    const outcome = await pruneSeries({ client, driver, hosts, series, keep: options.keep });
    tell({ ...outcome, series, hosts, json: options.json }, session);
  });
}

interface Told extends PruneOutcome {
  readonly series: string;
  readonly hosts: readonly TargetHost[];
  readonly json: true | undefined;
}

function tell({ series, removed, failures, hosts, json }: Told, { terminal }: Session): void {
  const names = removed.map(({ name }) => name);
  if (json) terminal.printJson({ series, removed: names, failures });
  else terminal.print(names.length === 0 ? `Nothing of ${series} to remove.` : `Removed: ${names.join(" ")}`);
  if (failures.length === 0) return;
  for (const failure of failures) terminal.note(`Failed: ${describeFailure(failure)}`);
  const message = `${failures.length} of ${hosts.length} hosts still have them; mend these, then prune again.`;
  throw new CommandError("DEPLOY_INCOMPLETE", message);
}
