// The command line as a whole: every command, how usage errors end, and which exit code comes out.
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { addActivateCommand } from "./commands/activate.ts";
import { addBanCommand } from "./commands/ban.ts";
import { addBuildCommand } from "./commands/build.ts";
import { addCompletionCommand } from "./commands/completion.ts";
import { addConfigCommand } from "./commands/config.ts";
import { addDeactivateCommand } from "./commands/deactivate.ts";
import { addDeployCommand } from "./commands/deploy.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { examples } from "./commands/examples.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addExplainCommand } from "./commands/explain.ts";
import { addHostsCommand } from "./commands/hosts.ts";
import { addKeysCommand } from "./commands/keys.ts";
import { addListCommand } from "./commands/list.ts";
import { addPlanCommand } from "./commands/plan.ts";
import { addPruneCommand } from "./commands/prune.ts";
import { addPublishCommand } from "./commands/publish.ts";
import { addRollbackCommand } from "./commands/rollback.ts";
import { addStatusCommand } from "./commands/status.ts";
import { addTopologyCommand } from "./commands/topology.ts";
import { addTrackerCommand } from "./commands/tracker.ts";
import { addWaitCommand } from "./commands/wait.ts";
import { EXIT_CODES } from "./errors.ts";
import { reportFailure } from "./failure.ts";
import { isTerminal, type Stream } from "./output/terminal.ts";
import type { Session } from "./session.ts";

const PLAIN_COLUMNS = 80;

const HELP = `
Environment:
  RACKCAST_TRACKER  the tracker's URL, where --tracker is not given
                    (default: http://127.0.0.1:6969)
  RACKCAST_TOKEN    the tracker's API_TOKEN
  DEBUG=1           print the stack of a failure
  NO_COLOR=1        no colours

Exit codes: 0 done, 1 failed, 2 usage, 3 timed out, 130 interrupted
${examples("publish ./web-1.2.3 --activate --origin 10.77.0.2", "wait web-1.2.3 --timeout 10m", "publish --help")}`;

/** In the order of the help. */
const COMMANDS = [
  addTrackerCommand,
  addDeployCommand,
  addRollbackCommand,
  addPruneCommand,
  addBuildCommand,
  addPublishCommand,
  addActivateCommand,
  addDeactivateCommand,
  addListCommand,
  addStatusCommand,
  addWaitCommand,
  addExplainCommand,
  addTopologyCommand,
  addPlanCommand,
  addDoctorCommand,
  addBanCommand,
  addKeysCommand,
  addConfigCommand,
  addHostsCommand,
  addDemoCommand,
  addCompletionCommand,
];

/** `args` without node and script. Never throws; resolves to the exit code. */
export async function runProgram(args: readonly string[], session: Session): Promise<number> {
  try {
    await createProgram(session).parseAsync(args, { from: "user" });
    return EXIT_CODES.done;
  } catch (error) {
    // Commander has told the user already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage;
    return reportFailure(error, session);
  }
}

/** Exported for what reads the commands themselves: completion, and the tests of help and documents. */
export function createProgram(session: Session): Command {
  const { terminal } = session;
  const program = new Command("rackcast")
    .description("Spreads a release over a datacenter by BitTorrent without drowning the racks' uplinks")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .configureHelp({ subcommandTerm, minWidthToWrap: 30 })
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError("(add --help for the arguments and options)")
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
      getOutHelpWidth: () => helpWidth(terminal.stdout),
      getErrHelpWidth: () => helpWidth(terminal.stderr),
    })
    .addHelpText("after", HELP);
  for (const add of COMMANDS) add(program, session);
  return program;
}

/** Without `[options]`, which every command has. */
function subcommandTerm(command: Command): string {
  return `${command.name()} ${command.usage()}`.replace(/ \[options\]/, "");
}

function helpWidth(stream: Stream): number {
  return (isTerminal(stream) && stream.columns) || PLAIN_COLUMNS;
}

function packageVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
