// `rackcast topology resolve`: where the tracker thinks addresses are.
import type { Command } from "commander";
import type { TopologyAnswer } from "../api/resources.ts";
import { formatTable, type Column } from "../output/table.ts";
import type { Session } from "../session.ts";
import { connect } from "./access.ts";
import { jsonOption, parseAddress, trackerOption } from "./options.ts";

interface ResolveOptions {
  readonly tracker: string;
  readonly json?: true;
}

const COLUMNS: readonly Column<TopologyAnswer>[] = [
  { head: "ADDRESS", cell: ({ address }) => address },
  { head: "PATH", cell: ({ path }) => path?.join("/") ?? "unknown" },
  { head: "COUNTED AS", cell: ({ group }) => group.join("/") },
  { head: "RESOLVER", cell: ({ resolver }) => resolver ?? "-" },
  { head: "CACHED", cell: ({ cached, ageSeconds }) => (cached ? `${Math.round(ageSeconds ?? 0)} s ago` : "no") },
];

export function addTopologyCommand(program: Command, session: Session): void {
  program
    .command("topology")
    .description("ask where addresses are")
    .command("resolve")
    .description("show the rack of each address, and which resolver says so")
    .argument("<address...>", "IPv4 or IPv6 addresses", collect)
    .addOption(trackerOption())
    .addOption(jsonOption())
    .action((addresses: readonly string[], options: ResolveOptions) => resolve(addresses, options, session));
}

function collect(text: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), parseAddress(text)];
}

async function resolve(addresses: readonly string[], options: ResolveOptions, session: Session): Promise<void> {
  const { terminal } = session;
  const client = connect(session, options);
  const answers: TopologyAnswer[] = [];
  for (const address of addresses) answers.push(await client.locate(address));
  if (options.json) return terminal.printJson({ addresses: answers });
  terminal.print(formatTable(COLUMNS, answers, terminal.colors));
}
