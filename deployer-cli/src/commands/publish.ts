// `rackcast publish`: registers a payload or a .torrent with the tracker, and activates it when told to.
import type { Command } from "commander";
import type { Activation } from "../api/tracker-client.ts";
import { CommandError } from "../errors.ts";
import { loopbackNotice, payloadNotices, torrentLines } from "../output/notices.ts";
import { createProgress } from "../output/progress.ts";
import { oneLine } from "../output/table.ts";
import { isTorrentFile, publish, type Publication } from "../publishing.ts";
import type { Session } from "../session.ts";
import { readSigningKey } from "../torrent/signing.ts";
import { connect } from "./access.ts";
import { examples } from "./examples.ts";
import {
  jsonOption,
  originOption,
  parseBytes,
  parseHttpUrl,
  signKeyOption,
  targetOption,
  targetsFileOption,
  trackerOption,
} from "./options.ts";
import { collectTargets } from "./targets-file.ts";

interface PublishCommandOptions {
  readonly tracker: string;
  readonly announce?: string;
  readonly name?: string;
  readonly pieceLength?: number;
  readonly signKey?: string;
  readonly activate?: true;
  readonly origin?: readonly string[];
  readonly target?: readonly string[];
  readonly targetsFile?: string;
  readonly output?: string;
  readonly json?: true;
}

const HELP = `
A .torrent is registered as it is; anything else is built first, as by
\`rackcast build\`. Publishing again is harmless. --origin and --target take
effect with --activate, or later with \`rackcast activate\`.
${examples("publish ./web-1.2.3 --activate --origin 10.77.0.2 -o web.torrent", "publish web-1.2.3.torrent")}`;

export function addPublishCommand(program: Command, session: Session): void {
  program
    .command("publish")
    .description("register a file, folder or .torrent with the tracker")
    .argument("<path>", "a file, a folder, or a file ending in .torrent")
    .addOption(trackerOption())
    .option("--announce <url>", "where hosts announce (default: the tracker's URL with /announce)", parseHttpUrl)
    .option("--name <name>", "the torrent's name (default: the path's last part)")
    .option("--piece-length <bytes>", "a power of two such as 1MiB (default: by size)", parseBytes)
    .addOption(signKeyOption())
    .option("-a, --activate", "hand out peers from now on")
    .addOption(originOption())
    .addOption(targetOption())
    .addOption(targetsFileOption())
    .option("-o, --output <file>", "write the .torrent here too")
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action((path: string, options: PublishCommandOptions) => run(path, options, session));
}

async function run(path: string, options: PublishCommandOptions, session: Session): Promise<void> {
  refuseIdleOptions(path, options);
  const { terminal, signal } = session;
  const activation = options.activate ? await activationOf(options) : undefined;
  const signKey = options.signKey === undefined ? undefined : await readSigningKey(options.signKey);
  const client = connect(session, options);
  const progress = createProgress(terminal.stderr, "Hashing");
  const publication = await publish({
    client,
    path,
    announceUrl: options.announce,
    name: options.name,
    pieceLengthBytes: options.pieceLength,
    signKey,
    activation,
    torrentFile: options.output,
    signal,
    onProgress: progress.update,
  }).finally(progress.close);
  for (const notice of notices(publication, client.url, activation)) terminal.note(notice);
  if (options.json) return terminal.printJson(publication.transfer);
  terminal.print([...torrentLines(publication.torrent), `state      ${publication.transfer.state}`].join("\n"));
  terminal.note(nextStep(publication, options));
}

async function activationOf(options: PublishCommandOptions): Promise<Activation> {
  return { origins: options.origin, targets: await collectTargets(options) };
}

/** An option without an effect is a misunderstanding that a CI job would never notice. */
function refuseIdleOptions(path: string, options: PublishCommandOptions): void {
  const { activate, origin, target, targetsFile, announce, name, pieceLength } = options;
  if (!activate && (origin ?? target ?? targetsFile)) {
    throw new CommandError(
      "USAGE",
      "--origin, --target and --targets-file need --activate; add it, or give them to: rackcast activate",
    );
  }
  if (isTorrentFile(path) && (announce ?? name ?? pieceLength) !== undefined) {
    throw new CommandError(
      "USAGE",
      `--announce, --name and --piece-length cannot change ${path}; give the payload's path instead.`,
    );
  }
}

function notices({ payload, torrent }: Publication, tracker: string, activation: Activation | undefined): string[] {
  const { announceUrl } = torrent;
  const elsewhere = `Note: the torrent announces to ${announceUrl ?? "no tracker"}, not to ${tracker}; check that this is the same one.`;
  const isForeign = !payload && !announceUrl?.startsWith(`${tracker}/announce`);
  const hosts = [...(activation?.origins ?? []), ...(activation?.targets ?? [])];
  const loopback = announceUrl && URL.canParse(announceUrl) ? loopbackNotice(announceUrl, hosts) : undefined;
  return [
    ...(payload ? payloadNotices(payload) : []),
    ...(isForeign ? [oneLine(elsewhere)] : []),
    ...(loopback ? [loopback] : []),
  ];
}

function nextStep({ transfer, torrent }: Publication, { tracker, output }: PublishCommandOptions): string {
  const name = oneLine(torrent.name);
  if (transfer.state !== "active")
    return `Next: rackcast activate ${name} --origin <address of the host that seeds it>`;
  const torrentFile = output ?? `${tracker}/transfers/${torrent.infoHash}/torrent`;
  return `Next: load ${torrentFile} on the origin and on the hosts, then: rackcast wait ${name}`;
}
