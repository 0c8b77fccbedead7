// `rackcast keys`: who may announce with which key, and is counted by it.
import { type Command, InvalidArgumentError, Option } from "commander";
import type { AnnounceKey, IssuedAnnounceKey } from "../api/resources.ts";
import { CommandError } from "../errors.ts";
import { formatTable, oneLine, type Column } from "../output/table.ts";
import { formatTime } from "../output/units.ts";
import type { Session } from "../session.ts";
import { connect } from "./access.ts";
import { examples } from "./examples.ts";
import { jsonOption, parseDuration, trackerOption } from "./options.ts";

interface KeysOptions {
  readonly tracker: string;
  readonly json?: true;
}

interface RotateOptions extends KeysOptions {
  /** Seconds. */
  readonly grace: number;
}

const COLUMNS: readonly Column<AnnounceKey>[] = [
  { head: "USER", cell: ({ user }) => user },
  { head: "ISSUED", cell: ({ issuedAt }) => formatTime(issuedAt) },
  { head: "ROTATED", cell: ({ rotatedAt }) => formatTime(rotatedAt) },
  { head: "FORMER KEYS UNTIL", cell: ({ formerUntil }) => formatTime(formerUntil) },
];

const DAY_SECONDS = 86_400;
const LONGEST_GRACE_SECONDS = 30 * DAY_SECONDS;
const ONCE = "Note: the key is shown this once; put it where the hosts get their announce URL from.";
const USER = "1 to 16 letters, digits, dots, hyphens or underscores, such as web";

const HELP = `
A host that announces to /announce/<key> is counted for the user of that key,
others for their address. Keys are looked at where the tracker's ANNOUNCE_KEYS
is optional or required.
${examples("keys issue web", "keys rotate web --grace 7d", "keys list")}`;

const ROTATE_HELP = `
Hosts that still announce with a key before are served until the grace is over.
Of a key that somebody has who should not, end it at once: --grace 0.
${examples("keys rotate web", "keys rotate web --grace 0")}`;

export function addKeysCommand(program: Command, session: Session): void {
  const keys = program
    .command("keys")
    .description("issue keys that hosts announce with, and by which they are counted")
    .addHelpText("after", HELP);
  addListCommand(keys, session);
  withUser(keys.command("issue").description("issue a key to a user who has none"))
    .addHelpText("after", examples("keys issue web", "keys issue web --json"))
    .action((user: string, options: KeysOptions) => issue(user, options, session));
  withUser(keys.command("rotate").description("give a user another key"))
    .addOption(graceOption())
    .addHelpText("after", ROTATE_HELP)
    .action((user: string, options: RotateOptions) => rotate(user, options, session));
  withUser(keys.command("revoke").description("end all keys of a user at once"))
    .addHelpText("after", examples("keys revoke web"))
    .action((user: string, options: KeysOptions) => revoke(user, options, session));
}

function addListCommand(keys: Command, session: Session): void {
  keys
    .command("list")
    .description("list the users that have a key")
    .addOption(trackerOption())
    .addOption(jsonOption())
    .addHelpText("after", examples("keys list", "keys list --json"))
    .action((options: KeysOptions) => list(options, session));
}

function withUser(command: Command): Command {
  return command.argument("<user>", USER).addOption(trackerOption()).addOption(jsonOption());
}

function graceOption(): Option {
  return new Option("--grace <duration>", "how long the keys before go on, up to 30d")
    .argParser(parseGrace)
    .default(DAY_SECONDS, "1d");
}

function parseGrace(text: string): number {
  const seconds = parseDuration(text);
  if (Number.isInteger(seconds) && seconds <= LONGEST_GRACE_SECONDS) return seconds;
  throw new InvalidArgumentError("Give whole seconds up to 30d, such as 0, 12h or 7d.");
}

async function list(options: KeysOptions, session: Session): Promise<void> {
  const { terminal } = session;
  const keys = await connect(session, options).announceKeys();
  if (options.json) return terminal.printJson({ keys });
  if (keys.length === 0) return terminal.note("No announce keys.");
  terminal.print(formatTable(COLUMNS, keys, terminal.colors));
}

async function issue(user: string, options: KeysOptions, session: Session): Promise<void> {
  const issued = await connect(session, options).issueKey(user);
  tell(issued, [], options, session);
}

async function rotate(user: string, options: RotateOptions, session: Session): Promise<void> {
  const issued = await connect(session, options).rotateKey(user, options.grace);
  const { formerUntil } = issued;
  const former = formerUntil === null ? "ended" : `go on until ${formatTime(formerUntil)}`;
  tell(issued, [`keys before   ${former}`], options, session);
}

function tell(issued: IssuedAnnounceKey, more: readonly string[], options: KeysOptions, { terminal }: Session): void {
  const announceUrl = `${options.tracker}/announce/${issued.key}`;
  if (options.json) return terminal.printJson({ ...issued, announceUrl });
  const lines = [
    `user          ${issued.user}`,
    `key           ${issued.key}`,
    `announce URL  ${announceUrl}`,
    ...more,
  ];
  terminal.print(lines.join("\n"));
  terminal.note(ONCE);
}

/** The call itself is idempotent, and would call a mistyped name a success. */
async function revoke(user: string, options: KeysOptions, session: Session): Promise<void> {
  const client = connect(session, options);
  const users = (await client.announceKeys()).map((key) => key.user);
  if (!users.includes(user)) {
    throw new CommandError("KEY_UNKNOWN", `${oneLine(user)} has no announce key.\nSee who has one: rackcast keys list`);
  }
  await client.revokeKey(user);
  if (options.json) return session.terminal.printJson({ user, revoked: true });
  session.terminal.print(`${user} has no announce key any more`);
}
