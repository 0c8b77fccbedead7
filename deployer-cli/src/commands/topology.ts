// `rackcast topology`: where the tracker's resolvers think hosts are, and what is wrong with that.
import type { Command } from "commander";
import type { TopologyAnswer } from "../api/resources.ts";
import { CommandError } from "../errors.ts";
import { createLiveLine } from "../output/live-line.ts";
import { isTerminal } from "../output/terminal.ts";
import { formatCount } from "../output/units.ts";
import type { Session } from "../session.ts";
import { askForHosts } from "../topology/host-answers.ts";
import { readHostsFile } from "../topology/hosts-file.ts";
import { checkTopology, countFindings } from "../topology/topology-check.ts";
import { printAnswers, printResolverAnswers, printTopologyReport } from "../topology/topology-report.ts";
import { connect } from "./access.ts";
import { examples } from "./examples.ts";
import { jsonOption, parseAddress, trackerOption } from "./options.ts";

interface CheckOptions {
  readonly tracker: string;
  readonly json?: true;
}

interface ResolveOptions extends CheckOptions {
  readonly all?: true;
}

export function addTopologyCommand(program: Command, session: Session): void {
  const topology = program
    .command("topology")
    .description("ask where hosts are")
    .addHelpText("after", examples("topology resolve 10.77.1.5", "topology check hosts.txt"));
  topology
    .command("resolve")
    .description("show the rack of each address, and which resolver says so")
    .argument("<address...>", "IPv4 or IPv6 addresses", collect)
    .option("--all", "show what every resolver says, also those behind the one that knows")
    .addOption(trackerOption())
    .addOption(jsonOption())
    .addHelpText("after", examples("topology resolve 10.77.1.5", "topology resolve 10.77.1.5 fd00::5 --all"))
    .action((addresses: readonly string[], options: ResolveOptions) => resolve(addresses, options, session));
  topology
    .command("check")
    .description("look for unknown hosts, lonely racks and contradictions; exits with 1 if there are any")
    .argument("<hosts-file>", "addresses or host names, one a line or the first column of CSV; - reads stdin")
    .addOption(trackerOption())
    .addOption(jsonOption())
    .addHelpText("after", "\nExit codes: 0 nothing found, 1 findings or a failure.")
    .addHelpText("after", examples("topology check hosts.txt", "topology check - --json"))
    .action((file: string, options: CheckOptions) => check(file, options, session));
}

function collect(text: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), parseAddress(text)];
}

async function resolve(addresses: readonly string[], options: ResolveOptions, session: Session): Promise<void> {
  const { terminal } = session;
  const client = connect(session, options);
  const answers: TopologyAnswer[] = [];
  for (const address of addresses) answers.push(await client.locate(address, options.all));
  if (options.json) return terminal.printJson({ addresses: answers });
  terminal.print((options.all ? printResolverAnswers : printAnswers)(answers, terminal.colors));
}

async function check(file: string, options: CheckOptions, session: Session): Promise<void> {
  const { terminal, signal } = session;
  const client = connect(session, options);
  const hosts = await readHostsFile(file);
  const progress = isTerminal(terminal.stderr) ? createLiveLine(terminal.stderr) : undefined;
  const onProgress = (done: number) => progress?.show(`Checked ${done} of ${formatCount(hosts.length, "host")}`);
  const checked = await askForHosts(hosts, { client, onProgress, signal }).finally(() => progress?.close());
  const report = checkTopology(checked);
  if (options.json) terminal.printJson(report);
  else terminal.print(printTopologyReport(report, terminal.colors));
  const findings = countFindings(report);
  if (findings === 0) return;
  const remedy =
    "Correct what the resolvers answer from; see how each answers: rackcast topology resolve <address> --all";
  throw new CommandError("TOPOLOGY_FINDINGS", `${formatCount(findings, "finding")}.\n${remedy}`);
}
