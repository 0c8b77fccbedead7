// `rackcast demo`: a whole deploy on this machine.
import { Option, type Command } from "commander";
import type { Session } from "../session.ts";
import { examples } from "./examples.ts";
import { jsonOption, parseBytes, parseCount } from "./options.ts";

interface DemoCommandOptions {
  readonly size: number;
  readonly racks: number;
  readonly hosts: number;
  readonly keep?: true;
  readonly json?: true;
}

const MIB = 2 ** 20;
const HELP = `
Starts a tracker, an origin and an rtorrent for every host, each on a loopback
address of its own, deploys the payload to all of them, verifies every file,
prints what crossed into each rack, and cleans up. Needs rtorrent, no root.
${examples("demo", "demo ./web-1.2.3 --racks 2 --hosts 3", "demo --size 256MiB --json")}`;

export function addDemoCommand(program: Command, session: Session): void {
  program
    .command("demo")
    .description("deploy to racks of real clients on this machine, and show what crossed")
    .argument("[path]", "a file or folder to deploy (default: a sample)")
    .addOption(new Option("--size <bytes>", "of the sample").argParser(parseBytes).default(64 * MIB, "64MiB"))
    .option("--racks <count>", "how many racks", parseCount, 3)
    .option("--hosts <count>", "how many hosts in each rack", parseCount, 4)
    .option("--keep", "keep the folder with payloads, configurations and logs")
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action((path: string | undefined, options: DemoCommandOptions) => demo(path, options, session));
}

async function demo(path: string | undefined, options: DemoCommandOptions, session: Session): Promise<void> {
  // Much that no other command needs.
  const { runDemo } = await import("../demo/demo.ts");
  const { size, racks, hosts, keep, json } = options;
  await runDemo({ path, sizeBytes: size, racks, hosts, keep, json }, session);
}
