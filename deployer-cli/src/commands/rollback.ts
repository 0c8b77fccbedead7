// `rackcast rollback`: hosts go back to the release before.
import type { Command } from "commander";
import type { Transfer } from "../api/resources.ts";
import { rollback } from "../deploy/rollback.ts";
import { resolveTargets, targetsByAddress } from "../deploy/targets.ts";
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
import { jsonOption, trackerOption } from "./options.ts";

interface RollbackCommandOptions extends DriverCommandOptions, WaitingCommandOptions {
  readonly tracker: string;
  readonly to?: string;
  readonly targets?: readonly string[];
}

const HELP = `
The release before is the last one of the same series that is still active:
hosts have its files and seed it. They verify them once more and make it
current; then the release that is left goes out of service and off the hosts.
${TARGETS_HELP}
${DRIVERS_HELP}
${examples("rollback web-1.2.4 -i hosts.ini", "rollback web-1.2.4 --to web-1.2.2 --via pull")}`;

export function addRollbackCommand(program: Command, session: Session): void {
  const command = program
    .command("rollback")
    .description("leave a release for the one before, which the hosts still have")
    .argument("<release>", "the release to leave: its name or info-hash")
    .addOption(trackerOption())
    .option("--to <release>", "the release to go back to (default: the one before)")
    .addOption(targetsOption("hosts that go back (repeatable; default: those that should have the release)"));
  addWaitingOptions(addDriverOptions(command))
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action((leave: string, options: RollbackCommandOptions) => run(leave, options, session));
}

async function run(leave: string, options: RollbackCommandOptions, session: Session): Promise<void> {
  const client = connect(session, options);
  const sources = targetSources(options, client, session);
  const { to, waves, targets, via } = options;
  const hostsOf = (left: Transfer) =>
    targets ? resolveTargets(targets, sources) : targetsByAddress(left.targets, left.name, sources);
  const settings = { ...distributionOptions(options), leave, to, hostsOf, waves };
  await withDriver(options, session, async (driver) =>
    conclude(await rollback(settings, { client, driver, via, session }), options, session),
  );
}
