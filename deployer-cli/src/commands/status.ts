// `rackcast status`: how far a transfer is, or all active ones; once, or again and again with --watch.
import { setTimeout as delay } from "node:timers/promises";
import { Option, type Command } from "commander";
import type { Traffic, TransferDetail } from "../api/resources.ts";
import type { TrackerClient } from "../api/tracker-client.ts";
import { findTransfer } from "../api/transfer-lookup.ts";
import { CommandError } from "../errors.ts";
import { createLiveView } from "../output/live-view.ts";
import { isTerminal, type Terminal } from "../output/terminal.ts";
import { trafficText } from "../output/traffic-tables.ts";
import { hostTable, rackTable, transferLines, transferTable } from "../output/transfer-tables.ts";
import { oneLine } from "../output/table.ts";
import { formatBytes, formatClients, formatShare } from "../output/units.ts";
import type { Session } from "../session.ts";
import { connect } from "./access.ts";
import { examples } from "./examples.ts";
import { jsonOption, parseDuration, trackerOption } from "./options.ts";

interface StatusOptions {
  readonly tracker: string;
  readonly racks?: true;
  readonly hosts?: true;
  readonly traffic?: true;
  readonly watch?: true;
  readonly interval: number;
  readonly json?: true;
}

/** One look: what JSON shows, the text for people, and the line that --watch prints off a terminal. */
interface Look {
  readonly value: unknown;
  readonly text: string;
  readonly line: string;
}

export function addStatusCommand(program: Command, session: Session): void {
  program
    .command("status")
    .description("show how far a transfer is, or all active ones")
    .argument("[transfer]", "its name, info-hash, or the first digits of that")
    .addOption(trackerOption())
    .option("--racks", "a row per rack")
    .option("--hosts", "a row per host")
    .option("--traffic", "what clients moved, by rack; with --hosts by user")
    .option("-w, --watch", "refresh until interrupted; off a terminal, a line per change")
    .addOption(new Option("--interval <duration>", "how often --watch looks").argParser(parseDuration).default(1, "1s"))
    .addOption(jsonOption())
    .addHelpText(
      "after",
      examples(
        "status",
        "status web-1.2.3 --racks --watch",
        "status web-1.2.3 --hosts --json",
        "status web-1.2.3 --traffic --hosts",
      ),
    )
    .action((wanted: string | undefined, options: StatusOptions) => status(wanted, options, session));
}

async function status(wanted: string | undefined, options: StatusOptions, session: Session): Promise<void> {
  if (wanted === undefined && (options.racks ?? options.hosts ?? options.traffic)) {
    throw new CommandError(
      "USAGE",
      "--racks, --hosts and --traffic show one transfer; name it: rackcast status <transfer> --racks",
    );
  }
  const { terminal } = session;
  const client = connect(session, options);
  const look = await createLook(client, wanted, options, terminal);
  if (options.watch) return watch(look, options, session);
  const { value, text } = await look();
  if (options.json) terminal.printJson(value);
  else terminal.print(text);
}

/** Names are looked up once, so that --watch follows one transfer whatever happens to its name. */
async function createLook(
  client: TrackerClient,
  wanted: string | undefined,
  options: StatusOptions,
  terminal: Terminal,
): Promise<() => Promise<Look>> {
  if (wanted === undefined) return () => lookAtAll(client, terminal);
  const { infoHash } = await findTransfer(client, wanted);
  const counted = async () => (options.traffic ? client.traffic(infoHash) : undefined);
  return async () => {
    const [transfer, traffic] = await Promise.all([client.show(infoHash), counted()]);
    return lookAtOne({ transfer, traffic }, options, terminal);
  };
}

async function lookAtAll(client: TrackerClient, terminal: Terminal): Promise<Look> {
  const transfers = await client.list("active");
  const text = transfers.length > 0 ? transferTable(transfers, terminal) : "No active transfers.";
  const line = transfers.map(({ name, progress }) => `${oneLine(name)} ${formatShare(progress)}`).join(", ") || text;
  return { value: { transfers }, text, line };
}

interface Looked {
  readonly transfer: TransferDetail;
  /** Undefined: nobody wants to know. */
  readonly traffic: Traffic | undefined;
}

function lookAtOne({ transfer, traffic }: Looked, { racks, hosts }: StatusOptions, terminal: Terminal): Look {
  const parts = [transferLines(transfer)];
  if (racks) parts.push(rackTable(transfer.racks, terminal));
  if (hosts) parts.push(hostTable(transfer, terminal));
  if (traffic) parts.push(trafficText({ traffic, lengthBytes: transfer.lengthBytes, hasUsers: hosts }, terminal));
  const { name, state, progress, seeders, leechers } = transfer;
  const perRack = racks ? transfer.racks.map((rack) => `; ${rack.rack} ${formatShare(rack.progress)}`).join("") : "";
  const moved = traffic
    ? `; ${formatBytes(traffic.downloadedBytes)} down, ${formatBytes(traffic.uploadedBytes)} up`
    : "";
  const line = `${oneLine(name)} ${state} ${formatShare(progress)}, ${formatClients(seeders, leechers)}${perRack}${moved}`;
  return { value: { ...transfer, ...(traffic && { traffic }) }, text: parts.join("\n\n"), line };
}

async function watch(look: () => Promise<Look>, options: StatusOptions, { terminal, signal }: Session): Promise<never> {
  const view = createLiveView(terminal.stdout);
  for (;;) {
    const { value, text, line } = await look();
    if (options.json) view.show(JSON.stringify(value));
    else view.show(isTerminal(terminal.stdout) ? text : line);
    await delay(options.interval * 1000, undefined, { signal });
  }
}
