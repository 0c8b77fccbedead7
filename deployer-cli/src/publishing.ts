// Publishing: from a path or a .torrent to a registered and, if wanted, active transfer. The command and the demo share it.
import type { KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Transfer } from "./api/resources.ts";
import type { Activation, TrackerClient } from "./api/tracker-client.ts";
import { signTorrent } from "./torrent/signing.ts";
import { scanPayload, unreadable, type Payload } from "./torrent/payload.ts";
import { buildTorrent } from "./torrent/torrent-building.ts";
import { readTorrent, type Torrent } from "./torrent/torrent-reading.ts";
import { refuseInsidePayload, writeTorrent } from "./torrent/torrent-writing.ts";

export interface PublishOptions {
  readonly client: TrackerClient;
  /** A file or folder, or a .torrent, known by its ending, that is registered as it is. */
  readonly path: string;
  /** What a scan of the path found. Default: it is scanned. */
  readonly payload?: Payload | undefined;
  /** Where hosts announce. Default: the tracker's URL with `/announce`. Of a given .torrent its own counts. */
  readonly announceUrl?: string | undefined;
  readonly name?: string | undefined;
  readonly pieceLengthBytes?: number | undefined;
  /** Signs the manifest; of a given .torrent, too. */
  readonly signKey?: KeyObject | undefined;
  /** Activates the transfer with these lists; left out, it is only registered. */
  readonly activation?: Activation | undefined;
  /** Also writes the .torrent here, before anything is registered. */
  readonly torrentFile?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  onProgress?(hashedBytes: number, totalBytes: number): void;
}

export interface Publication {
  readonly transfer: Transfer;
  readonly torrent: Torrent;
  /** The .torrent as it was registered. */
  readonly bytes: Uint8Array;
  /** Undefined when a .torrent was given. */
  readonly payload: Payload | undefined;
}

type Prepared = Omit<Publication, "transfer">;

/** Safe to repeat. Whatever can be refused without the tracker is refused before it is asked. Throws `CommandError`. */
export async function publish(options: PublishOptions): Promise<Publication> {
  const prepared = signed(options, isTorrentFile(options.path) ? await readGiven(options.path) : await build(options));
  const { torrentFile, client, activation } = options;
  if (torrentFile !== undefined) await writeTorrent(torrentFile, prepared.bytes);
  const registered = await client.register(prepared.bytes);
  const transfer = activation ? await client.activate(registered.infoHash, activation) : registered;
  return { ...prepared, transfer };
}

function signed({ path, signKey }: PublishOptions, prepared: Prepared): Prepared {
  return signKey ? { ...prepared, bytes: signTorrent(prepared.bytes, path, signKey) } : prepared;
}

export function isTorrentFile(path: string): boolean {
  return path.endsWith(".torrent");
}

async function readGiven(path: string): Promise<Prepared> {
  const bytes = await readFile(path).catch((cause) => Promise.reject(unreadable(path, cause)));
  return { bytes, torrent: readTorrent(bytes, path), payload: undefined };
}

async function build(options: PublishOptions): Promise<Prepared> {
  const { client, torrentFile, announceUrl = `${client.url}/announce`, ...rest } = options;
  const payload = rest.payload ?? (await scanPayload(rest.path, rest.signal));
  if (torrentFile !== undefined) refuseInsidePayload(torrentFile, payload);
  return buildTorrent({ ...rest, payload, announceUrl });
}
