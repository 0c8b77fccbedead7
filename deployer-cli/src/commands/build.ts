// `rackcast build`: a .torrent from a file or folder.
import type { Command } from "commander";
import { escaped } from "../output/escaping.ts";
import { loopbackNotice, payloadNotices, torrentLines } from "../output/notices.ts";
import { createProgress } from "../output/progress.ts";
import type { Session } from "../session.ts";
import { scanPayload } from "../torrent/payload.ts";
import { readSigningKey, signTorrent } from "../torrent/signing.ts";
import { buildTorrent } from "../torrent/torrent-building.ts";
import { refuseInsidePayload, writeTorrent } from "../torrent/torrent-writing.ts";
import { examples } from "./examples.ts";
import { jsonOption, parseBytes, parseHttpUrl, signKeyOption, trackerOption } from "./options.ts";

interface BuildOptions {
  readonly output?: string;
  readonly tracker: string;
  readonly announce?: string;
  readonly name?: string;
  readonly pieceLength?: number;
  readonly signKey?: string;
  readonly json?: true;
}

const HELP = `
The torrent is private, carries the SHA-256 of every file, and is the same bytes
for the same input: modification times, owners and the place of the path do not
count. Symbolic links are followed inside the path and refused when they lead
out of it. Pieces are 64 KiB for up to 16 MiB, 256 KiB for up to 512 MiB, then
doubled with the size up to 16 MiB, which keeps them at 2048 or fewer until
32 GiB.
${examples(
  "build ./web-1.2.3 --tracker http://tracker.example:6969",
  "build web.tar --name web-1.2.3 --piece-length 1MiB -o web.torrent",
)}`;

export function addBuildCommand(program: Command, session: Session): void {
  program
    .command("build")
    .description("build a torrent from a file or folder")
    .argument("<path>", "the file or folder")
    .option("-o, --output <file>", "where to write it (default: <name>.torrent)")
    .addOption(trackerOption())
    .option("--announce <url>", "where hosts announce (default: the tracker's URL with /announce)", parseHttpUrl)
    .option("--name <name>", "the torrent's name (default: the path's last part)")
    .option("--piece-length <bytes>", "a power of two such as 1MiB (default: by size)", parseBytes)
    .addOption(signKeyOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action((path: string, options: BuildOptions) => build(path, options, session));
}

async function build(path: string, options: BuildOptions, { terminal, signal }: Session): Promise<void> {
  const announceUrl = options.announce ?? `${options.tracker}/announce`;
  const signKey = options.signKey === undefined ? undefined : await readSigningKey(options.signKey);
  const scanned = await scanPayload(path, signal);
  const file = options.output ?? `${options.name ?? scanned.name}.torrent`;
  refuseInsidePayload(file, scanned);
  const progress = createProgress(terminal.stderr, "Hashing");
  const { name, pieceLength: pieceLengthBytes } = options;
  const onProgress = progress.update;
  const built = await buildTorrent({
    path,
    payload: scanned,
    announceUrl,
    name,
    pieceLengthBytes,
    signal,
    onProgress,
  }).finally(progress.close);
  await writeTorrent(file, signKey ? signTorrent(built.bytes, path, signKey) : built.bytes);
  for (const notice of [...payloadNotices(built.payload), loopbackNotice(announceUrl)])
    if (notice) terminal.note(notice);
  if (options.json) return terminal.printJson({ file, ...built.torrent });
  terminal.print([...torrentLines(built.torrent), `file       ${escaped(file)}`].join("\n"));
  terminal.note(`Next: rackcast publish ${escaped(file)} --activate`);
}
