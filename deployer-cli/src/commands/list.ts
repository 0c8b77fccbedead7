// `rackcast list`: the tracker's transfers.
import { Option, type Command } from "commander";
import type { TransferState } from "../api/resources.ts";
import { transferTable } from "../output/transfer-tables.ts";
import type { Session } from "../session.ts";
import { connect } from "./access.ts";
import { examples } from "./examples.ts";
import { jsonOption, trackerOption } from "./options.ts";

interface ListOptions {
  readonly tracker: string;
  readonly state?: TransferState;
  readonly json?: true;
}

const STATES: readonly TransferState[] = ["registered", "active", "inactive"];

export function addListCommand(program: Command, session: Session): void {
  program
    .command("list")
    .description("list transfers")
    .addOption(trackerOption())
    .addOption(new Option("--state <state>", "only those in this state").choices(STATES))
    .addOption(jsonOption())
    .addHelpText("after", examples("list", "list --state active --json"))
    .action((options: ListOptions) => list(options, session));
}

async function list(options: ListOptions, session: Session): Promise<void> {
  const { terminal } = session;
  const transfers = await connect(session, options).list(options.state);
  if (options.json) return terminal.printJson({ transfers });
  if (transfers.length === 0) return terminal.note(`No ${options.state ?? ""} transfers.`.replace("  ", " "));
  terminal.print(transferTable(transfers, terminal));
}
