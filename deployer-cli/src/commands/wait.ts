// `rackcast wait`: ends when the hosts have the payload, or says which do not.
import { Option, type Command } from "commander";
import { findTransfer } from "../api/transfer-lookup.ts";
import { oneLine } from "../output/table.ts";
import { formatShare } from "../output/units.ts";
import type { Session } from "../session.ts";
import { waitForHosts, type Completion } from "../waiting.ts";
import { createLiveLine } from "../output/live-line.ts";
import { connect } from "./access.ts";
import { examples } from "./examples.ts";
import { jsonOption, parseDuration, parseShare, trackerOption } from "./options.ts";

interface WaitOptions {
  readonly tracker: string;
  readonly min: number;
  readonly timeout: number;
  readonly json?: true;
}

const HELP = `
Counted are the targets that were declared with the activation. Without any, it
is the hosts that the tracker sees, origins apart: a host that has not asked yet
is then not waited for.

Exit codes: 0 enough hosts have it, 1 failed, 3 timed out.
${examples("wait web-1.2.3", "wait web-1.2.3 --min 95% --timeout 30m")}`;

export function addWaitCommand(program: Command, session: Session): void {
  program
    .command("wait")
    .description("wait until the hosts have a transfer; exit code 3 when they do not in time")
    .argument("<transfer>", "its name, info-hash, or the first digits of that")
    .addOption(trackerOption())
    .addOption(minOption())
    .addOption(timeoutOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action((wanted: string, options: WaitOptions) => wait(wanted, options, session));
}

function minOption(): Option {
  return new Option("--min <share>", "how many of the hosts are enough").argParser(parseShare).default(1, "100%");
}

function timeoutOption(): Option {
  const description = "how long to wait at most, such as 90s, 10m or 1h";
  return new Option("--timeout <duration>", description).argParser(parseDuration).default(600, "10m");
}

async function wait(wanted: string, options: WaitOptions, session: Session): Promise<void> {
  const { terminal, signal } = session;
  const client = connect(session, options);
  const { infoHash } = await findTransfer(client, wanted);
  const line = createLiveLine(terminal.stderr);
  const { min: minShare, timeout: timeoutSeconds } = options;
  const completion = await waitForHosts({
    client,
    infoHash,
    minShare,
    timeoutSeconds,
    signal,
    onLook: (seen) => line.show(describe(seen)),
    onTrackerAway: () => line.show("The tracker does not answer; still waiting."),
  }).finally(line.close);
  if (options.json) return terminal.printJson(completion);
  terminal.print(describe(completion));
}

function describe({ name, doneHosts, totalHosts, progress }: Completion): string {
  return `${oneLine(name)}: ${doneHosts} of ${totalHosts} hosts complete, ${formatShare(progress)} of the bytes`;
}
