// `rackcast tracker`: becomes a tracker.
import process from "node:process";
import type { Command } from "commander";
import type { Session } from "../session.ts";
import { examples } from "./examples.ts";
import { trackerInvocation } from "../tracker-process.ts";

export function addTrackerCommand(program: Command, { env }: Session): void {
  program
    .command("tracker")
    .description("start a tracker; takes its own options, see: rackcast tracker --help")
    .argument("[options...]", "the tracker's own")
    .helpOption(false)
    .addHelpText("after", examples("tracker --port 6969 --data-dir ./data --topology-file racks.txt", "tracker --help"))
    .allowUnknownOption()
    .passThroughOptions()
    .action((args: string[]) => becomeTracker(args, env));
}

/** This process is replaced: whoever supervises or signals it has the tracker itself at hand, and none is left behind. */
function becomeTracker(trackerArgs: readonly string[], env: NodeJS.ProcessEnv): never {
  const { executable, args } = trackerInvocation(trackerArgs);
  if (!process.execve) throw new Error("this Node cannot replace a process");
  return process.execve(executable, [executable, ...args], env);
}
