// The command line as a whole: every command, how usage errors end, and which exit code comes out.
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { addActivateCommand } from "./commands/activate.ts";
import { addBanCommand } from "./commands/ban.ts";
import { addBuildCommand } from "./commands/build.ts";
import { addConfigCommand } from "./commands/config.ts";
import { addDeactivateCommand } from "./commands/deactivate.ts";
import { addDeployCommand } from "./commands/deploy.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { addExplainCommand } from "./commands/explain.ts";
import { addHostsCommand } from "./commands/hosts.ts";
import { addListCommand } from "./commands/list.ts";
import { addPruneCommand } from "./commands/prune.ts";
import { addPublishCommand } from "./commands/publish.ts";
import { addRollbackCommand } from "./commands/rollback.ts";
import { addStatusCommand } from "./commands/status.ts";
import { addTopologyCommand } from "./commands/topology.ts";
import { addTrackerCommand } from "./commands/tracker.ts";
import { addWaitCommand } from "./commands/wait.ts";
import { EXIT_CODES } from "./errors.ts";
import { reportFailure } from "./failure.ts";
import type { Session } from "./session.ts";

const ENVIRONMENT_HELP = `
Environment:
  RACKCAST_TRACKER  the tracker's URL, where --tracker is not given (default: http://127.0.0.1:6969)
  RACKCAST_TOKEN    the tracker's API_TOKEN
  DEBUG=1           print the stack of a failure
  NO_COLOR=1        no colours

Exit codes: 0 done, 1 failed, 2 usage, 3 timed out, 130 interrupted`;

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
  addBanCommand,
  addConfigCommand,
  addHostsCommand,
  addDemoCommand,
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

function createProgram(session: Session): Command {
  const { terminal } = session;
  const program = new Command("rackcast")
    .description("Spreads a release over a datacenter by BitTorrent without drowning the racks' uplinks")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError("(add --help for the arguments and options)")
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
    })
    .addHelpText("after", ENVIRONMENT_HELP);
  for (const add of COMMANDS) add(program, session);
  return program;
}

function packageVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
