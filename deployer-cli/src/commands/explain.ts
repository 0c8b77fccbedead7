// `rackcast explain`: why a host gets the peers it gets.
import type { Command } from "commander";
import type { ExplainedPeer } from "../api/resources.ts";
import { findTransfer } from "../api/transfer-lookup.ts";
import { CommandError } from "../errors.ts";
import { formatTable, oneLine, type Column } from "../output/table.ts";
import type { Colors } from "../output/terminal.ts";
import type { Session } from "../session.ts";
import { connect } from "./access.ts";
import { examples } from "./examples.ts";
import { jsonOption, parseAddress, trackerOption } from "./options.ts";

interface ExplainOptions {
  readonly tracker: string;
  readonly json?: true;
}

const COLUMNS: readonly Column<ExplainedPeer["candidates"][number]>[] = [
  { head: "PEER", cell: ({ address }) => address },
  { head: "RACK", cell: ({ path }) => path.join("/") },
  { head: "ROLE", cell: ({ role }) => role },
  { head: "HANDED OUT", cell: ({ handedOut }) => (handedOut ? "yes" : "no") },
  { head: "BECAUSE", cell: ({ reason }) => reason },
];

export function addExplainCommand(program: Command, session: Session): void {
  program
    .command("explain")
    .description("say why a host gets the peers it gets")
    .argument("<transfer>", "its name, info-hash, or the first digits of that")
    .argument("<address>", "the host", parseAddress)
    .addOption(trackerOption())
    .addOption(jsonOption())
    .addHelpText("after", examples("explain web-1.2.3 10.77.1.5", "explain web-1.2.3 10.77.1.5 --json"))
    .action((wanted: string, address: string, options: ExplainOptions) => explain(wanted, address, options, session));
}

async function explain(wanted: string, address: string, options: ExplainOptions, session: Session): Promise<void> {
  const { terminal } = session;
  const client = connect(session, options);
  const { infoHash, name } = await findTransfer(client, wanted);
  const peers = await client.explain(infoHash, address);
  if (peers.length === 0) {
    const remedy = `See who is there: rackcast status ${oneLine(name)} --hosts`;
    throw new CommandError("TRANSFER_UNKNOWN", `${address} has no live client in ${oneLine(name)}.\n${remedy}`);
  }
  if (options.json) return terminal.printJson({ peers });
  terminal.print(peers.map((peer) => describe(peer, terminal.colors)).join("\n\n"));
}

function describe({ peer, summary, candidates }: ExplainedPeer, colors: Colors): string {
  const heading = oneLine(`${peer.address} in ${peer.path.join("/")}, ${peer.client}: ${summary}`);
  return candidates.length === 0 ? heading : `${heading}\n\n${formatTable(COLUMNS, candidates, colors)}`;
}
