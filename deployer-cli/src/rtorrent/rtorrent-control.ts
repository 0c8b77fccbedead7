// Drives one running rtorrent: its XML-RPC methods as typed calls over the Unix socket of its configuration.
import { setTimeout as delay } from "node:timers/promises";
import { createRtorrentClient } from "./rtorrent-client.ts";
import { rtorrentError } from "./rtorrent-error.ts";
import { listDownloads, listPeers, type RtorrentDownload, type RtorrentPeer } from "./rtorrent-listing.ts";
import type { XmlRpcValue } from "./xml-rpc.ts";

export interface LoadOptions {
  /** Where the payload is, or goes; a torrent of several files gets a folder of its name in it. Default: the configured one. */
  readonly directory?: string;
  readonly start: boolean;
  /** Given, the call waits until the client lists the torrent and fails if it does not. */
  readonly infoHash?: string;
}

export interface SeedOptions {
  readonly directory: string;
  readonly infoHash: string;
  /** Default: true. */
  readonly start?: boolean;
}

export interface NetworkLimit {
  /** Of the client's choosing; the same name again changes the limit. */
  readonly name: string;
  /** IPv4 prefixes such as `10.0.1.0/24`. */
  readonly networks: readonly string[];
  readonly kiBps: number;
}

/** Every call rejects with `RTORRENT_UNREACHABLE` when the socket does not answer, `RTORRENT_REFUSED` when the method fails. */
export interface RtorrentControl {
  readonly socketPath: string;
  /** Any XML-RPC method. */
  call(method: string, ...args: readonly XmlRpcValue[]): Promise<XmlRpcValue>;
  pid(): Promise<number>;
  /** `torrentPath` is read by the client, in its own time: an http(s) URL will do. */
  load(torrentPath: string, options: LoadOptions): Promise<void>;
  /**
   * Loads a torrent whose payload is in the directory already, verifies it piece by piece, then serves it, unless it is to be started
   * later. A payload that is not whole is refused, and left loaded but stopped.
   */
  seed(torrentPath: string, payload: SeedOptions): Promise<void>;
  list(): Promise<RtorrentDownload[]>;
  peers(hash: string): Promise<RtorrentPeer[]>;
  start(hash: string): Promise<void>;
  /** Tells the tracker, keeps torrent and payload. */
  stop(hash: string): Promise<void>;
  /** KiB/s over all torrents; 0 takes the limit away. */
  setLimits(limits: { readonly downloadKiBps?: number; readonly uploadKiBps?: number }): Promise<void>;
  /**
   * Limits what is uploaded to all of some networks together, for connections made from now on. Give a limit of everything
   * (`setLimits`, or the configured bandwidth) too: without one, 0.9.8 uploads nothing at all to these networks.
   */
  limitUploadsTo(limit: NetworkLimit): Promise<void>;
  /** Forgets the torrent; its payload and the .torrent it was loaded from stay. */
  remove(hash: string): Promise<void>;
  /** Ends the client once the trackers have been told, or after a few seconds. */
  shutdown(): Promise<void>;
}

const LOADING_MS = 10_000;
const POLL_MS = 50;

export function createRtorrentControl(socketPath: string): RtorrentControl {
  const { call } = createRtorrentClient(socketPath);

  const list = () => listDownloads(call);

  async function load(torrentPath: string, { directory, start, infoHash }: LoadOptions): Promise<void> {
    const commands = directory === undefined ? [] : [`d.directory.set="${quotable(directory)}"`];
    await call(start ? "load.start" : "load.normal", "", torrentPath, ...commands);
    if (infoHash !== undefined) await untilListed(torrentPath, infoHash.toLowerCase());
  }

  async function untilListed(torrentPath: string, infoHash: string): Promise<void> {
    const deadline = Date.now() + LOADING_MS;
    while (!(await find(infoHash))) {
      if (Date.now() > deadline) throw notLoaded(torrentPath, infoHash);
      await delay(POLL_MS);
    }
  }

  async function find(infoHash: string): Promise<RtorrentDownload | undefined> {
    return (await list()).find(({ hash }) => hash === infoHash.toLowerCase());
  }

  async function seed(torrentPath: string, { directory, infoHash, start = true }: SeedOptions) {
    await load(torrentPath, { directory, infoHash, start: false });
    await call("d.check_hash", infoHash.toUpperCase());
    let download = await find(infoHash);
    while (download?.hashing) {
      await delay(POLL_MS);
      download = await find(infoHash);
    }
    if (!download?.complete) throw notWhole(directory, download);
    if (start) await call("d.start", infoHash.toUpperCase());
  }

  return {
    socketPath,
    call,
    load,
    seed,
    list,
    pid: async () => Number(await call("system.pid")),
    peers: (hash) => listPeers(call, hash),
    start: async (hash) => void (await call("d.start", hash.toUpperCase())),
    stop: async (hash) => void (await call("d.stop", hash.toUpperCase())),
    setLimits: async ({ downloadKiBps, uploadKiBps }) => {
      if (downloadKiBps !== undefined) await call("throttle.global_down.max_rate.set_kb", "", downloadKiBps);
      if (uploadKiBps !== undefined) await call("throttle.global_up.max_rate.set_kb", "", uploadKiBps);
    },
    limitUploadsTo: async ({ name, networks, kiBps }) => {
      // The value is parsed as text.
      await call("throttle.up", "", name, `${kiBps}`);
      for (const network of networks) await call("throttle.ip", "", name, network);
    },
    remove: async (hash) => {
      await call("d.stop", hash.toUpperCase());
      // Else rtorrent deletes the .torrent that it was loaded from.
      await call("d.tied_to_file.set", hash.toUpperCase(), "");
      await call("d.erase", hash.toUpperCase());
    },
    shutdown: async () => void (await call("system.shutdown.quick")),
  };
}

/** The directory is parsed as a command's argument, where these characters mean something. */
function quotable(directory: string): string {
  if (/^\/[^\p{Cc}"\\$]*$/u.test(directory)) return directory;
  throw rtorrentError(
    "RTORRENT_REFUSED",
    `rtorrent cannot store a payload in ${JSON.stringify(directory)}`,
    'Give an absolute path without control characters, ", \\ and $.',
  );
}

function notLoaded(torrentPath: string, infoHash: string): Error {
  return rtorrentError(
    "RTORRENT_REFUSED",
    `rtorrent did not load ${torrentPath} (${infoHash}) within ${LOADING_MS / 1000} s`,
    "Check that the client can read it, that it is a torrent of that info-hash, and the client's log (setting logFile).",
  );
}

function notWhole(directory: string, download: RtorrentDownload | undefined): Error {
  const found = download ? `${download.completedBytes} of ${download.sizeBytes} bytes are right` : "it is gone";
  return rtorrentError(
    "RTORRENT_REFUSED",
    `rtorrent cannot seed from ${directory}: ${found}`,
    "The payload was changed after the torrent was built, or is another one: build and publish it again.",
  );
}
