// `rackcast deactivate`: the tracker hands out no more peers of a transfer.
import type { Command } from "commander";
import { findTransfer } from "../api/transfer-lookup.ts";
import { oneLine } from "../output/table.ts";
import type { Session } from "../session.ts";
import { connect } from "./access.ts";
import { examples } from "./examples.ts";
import { jsonOption, trackerOption } from "./options.ts";

interface DeactivateOptions {
  readonly tracker: string;
  readonly json?: true;
}

export function addDeactivateCommand(program: Command, session: Session): void {
  program
    .command("deactivate")
    .description("hand out no more peers of a transfer; its name is free again")
    .argument("<transfer>", "its name, info-hash, or the first digits of that")
    .addOption(trackerOption())
    .addOption(jsonOption())
    .addHelpText("after", examples("deactivate web-1.2.3", "deactivate 3f2a9c"))
    .action((wanted: string, options: DeactivateOptions) => deactivate(wanted, options, session));
}

async function deactivate(wanted: string, options: DeactivateOptions, session: Session): Promise<void> {
  const client = connect(session, options);
  const { infoHash } = await findTransfer(client, wanted);
  const transfer = await client.deactivate(infoHash);
  if (options.json) return session.terminal.printJson(transfer);
  session.terminal.print(`${oneLine(transfer.name)} is ${transfer.state}`);
}
