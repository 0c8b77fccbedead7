// `rackcast ban`: turns info-hashes, hosts and clients away from the tracker, and lets them in again.
import { isIP } from "node:net";
import type { Command } from "commander";
import type { BanSubject } from "../api/ban-calls.ts";
import type { Ban } from "../api/resources.ts";
import type { TrackerClient } from "../api/tracker-client.ts";
import { findTransfer } from "../api/transfer-lookup.ts";
import { CommandError } from "../errors.ts";
import { formatTable, oneLine, type Column } from "../output/table.ts";
import { formatTime } from "../output/units.ts";
import type { Session } from "../session.ts";
import { connect } from "./access.ts";
import { examples } from "./examples.ts";
import { jsonOption, trackerOption } from "./options.ts";

interface BanOptions {
  readonly tracker: string;
  readonly client?: string;
  readonly json?: true;
}

interface AddOptions extends BanOptions {
  readonly reason: string;
}

const COLUMNS: readonly Column<Ban>[] = [
  { head: "KIND", cell: ({ kind }) => kind },
  { head: "BANNED", cell: ({ value }) => value },
  { head: "SINCE", cell: ({ bannedAt }) => formatTime(bannedAt) },
  { head: "BY", cell: ({ source }) => source },
  { head: "REASON", cell: ({ reason }) => reason },
];

const WHAT = "a range such as 10.1.0.0/16, an address, an info-hash, or a transfer's name";
const CLIENT = "clients whose peer id begins so, such as -XL or -lt0D60-, in place of <what>";
const WITHOUT_REASON = "by the operator of this tracker";

const ADD_EXAMPLES = examples(
  'ban add web-1.2.3 --reason "corrupt build"',
  "ban add 10.77.3.0/24 --reason decommissioned",
  "ban add --client -XL",
);

export function addBanCommand(program: Command, session: Session): void {
  const ban = program
    .command("ban")
    .description("turn transfers, hosts and clients away from the tracker")
    .addHelpText("after", examples("ban add 10.77.3.0/24 --reason decommissioned", "ban list"));
  withSubject(ban.command("add").description("ban; another reason replaces the one before"))
    .option("--reason <text>", "told to the clients that are turned away", WITHOUT_REASON)
    .addHelpText("after", ADD_EXAMPLES)
    .action((what: string | undefined, options: AddOptions) => add(what, options, session));
  withSubject(ban.command("remove").description("lift a ban"))
    .addHelpText("after", examples("ban remove 10.77.3.0/24", "ban remove --client -XL"))
    .action((what: string | undefined, options: BanOptions) => remove(what, options, session));
  ban
    .command("list")
    .description("list all bans, those of the tracker's BAN_FILE among them")
    .addOption(trackerOption())
    .addOption(jsonOption())
    .addHelpText("after", examples("ban list", "ban list --json"))
    .action((options: BanOptions) => list(options, session));
}

function withSubject(command: Command): Command {
  return command
    .argument("[what]", WHAT)
    .option("--client <prefix>", CLIENT)
    .addOption(trackerOption())
    .addOption(jsonOption());
}

async function add(what: string | undefined, options: AddOptions, session: Session): Promise<void> {
  const client = connect(session, options);
  const ban = await client.ban(await subjectOf(client, what, options), options.reason);
  if (options.json) return session.terminal.printJson(ban);
  session.terminal.print(`${ban.kind} ${ban.value} is banned: ${oneLine(ban.reason)}`);
}

async function remove(what: string | undefined, options: BanOptions, session: Session): Promise<void> {
  const client = connect(session, options);
  const subject = await subjectOf(client, what, options);
  await client.liftBan(subject);
  if (options.json) return session.terminal.printJson({ ...subject, banned: false });
  session.terminal.print(`${subject.kind} ${subject.value} is not banned`);
}

async function list(options: BanOptions, session: Session): Promise<void> {
  const { terminal } = session;
  const bans = await connect(session, options).bans();
  if (options.json) return terminal.printJson({ bans });
  if (bans.length === 0) return terminal.note("No bans.");
  terminal.print(formatTable(COLUMNS, bans, terminal.colors));
}

/** Throws `USAGE` unless exactly one thing is named, and what `findTransfer` throws. */
async function subjectOf(
  client: TrackerClient,
  what: string | undefined,
  { client: prefix }: Pick<BanOptions, "client">,
): Promise<BanSubject> {
  if (prefix !== undefined && what === undefined) return { kind: "client", value: prefix };
  if (what === undefined || prefix !== undefined) {
    throw new CommandError("USAGE", `Name one thing: ${WHAT}; or --client with the start of peer ids.`);
  }
  if (isIP(what.split("/", 1)[0] ?? "") !== 0) return { kind: "cidr", value: what };
  if (/^[0-9a-f]{40}$/i.test(what)) return { kind: "info-hash", value: what.toLowerCase() };
  return { kind: "info-hash", value: (await findTransfer(client, what)).infoHash };
}
