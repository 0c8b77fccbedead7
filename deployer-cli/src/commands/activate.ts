// `rackcast activate`: from now on the tracker hands out peers of a transfer.
import type { Command } from "commander";
import { findTransfer } from "../api/transfer-lookup.ts";
import { oneLine } from "../output/table.ts";
import { shortList } from "../output/transfer-tables.ts";
import type { Session } from "../session.ts";
import { connect } from "./access.ts";
import { examples } from "./examples.ts";
import { jsonOption, originOption, targetOption, targetsFileOption, trackerOption } from "./options.ts";
import { collectTargets } from "./targets-file.ts";

interface ActivateOptions {
  readonly tracker: string;
  readonly origin?: readonly string[];
  readonly target?: readonly string[];
  readonly targetsFile?: string;
  readonly json?: true;
}

const EXAMPLES = examples(
  "activate web-1.2.3 --origin 10.77.0.2 --targets-file hosts.txt",
  "activate web-1.2.3 --target 10.77.1.5 --target 10.77.1.6",
);

export function addActivateCommand(program: Command, session: Session): void {
  program
    .command("activate")
    .description("hand out peers of a transfer from now on")
    .argument("<transfer>", "its name, info-hash, or the first digits of that")
    .addOption(trackerOption())
    .addOption(originOption())
    .addOption(targetOption())
    .addOption(targetsFileOption())
    .addOption(jsonOption())
    .addHelpText("after", "\nOrigins and targets that are given replace those of an earlier activation.")
    .addHelpText("after", EXAMPLES)
    .action((wanted: string, options: ActivateOptions) => activate(wanted, options, session));
}

async function activate(wanted: string, options: ActivateOptions, session: Session): Promise<void> {
  const targets = await collectTargets(options);
  const client = connect(session, options);
  const { infoHash } = await findTransfer(client, wanted);
  const transfer = await client.activate(infoHash, { origins: options.origin, targets });
  if (options.json) return session.terminal.printJson(transfer);
  const { name, origins, targets: all } = transfer;
  session.terminal.print(`${oneLine(name)} is active: origins ${listed(origins)}, targets ${listed(all)}`);
}

function listed(addresses: readonly string[]): string {
  return addresses.length === 0 ? "not declared" : shortList(addresses, 3);
}
