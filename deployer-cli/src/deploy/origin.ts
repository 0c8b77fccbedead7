// The release's first source: an rtorrent of this deploy's own, one that runs here already, or one on another host.
import { mkdir, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CommandError } from "../errors.ts";
import { createRtorrentControl, type RtorrentControl } from "../rtorrent/rtorrent-control.ts";
import { startRtorrent } from "../rtorrent/rtorrent-process.ts";
import { addressTowards, isOwnAddress } from "./own-address.ts";

export interface OriginOptions {
  /** `--origin`: addresses that the hosts see the sources at. */
  readonly addresses: readonly string[];
  /** `--origin-socket`: an rtorrent of this machine that is to seed. */
  readonly socketPath: string | undefined;
  /** What the deploy's own rtorrent may upload at, in Mbit/s. */
  readonly uploadMbps: number | undefined;
  readonly trackerUrl: string;
}

export interface OriginPayload {
  /** Real path of the file or folder. */
  readonly root: string;
  /** The torrent's. */
  readonly name: string;
  readonly infoHash: string;
  readonly torrentFile: string;
}

/** Seeds from its start until it is closed. */
export interface Origin {
  readonly addresses: readonly string[];
  /** What seeds here; undefined when others do. */
  readonly seeder: string | undefined;
  /** Hosts may have lost another at its address. */
  readonly isNew: boolean;
  /** Serves from now on; until then the payload was only checked. */
  start(): Promise<void>;
  close(): Promise<void>;
}

const PORTS = { first: 6890, last: 6999 };

/** Throws `ORIGIN_UNKNOWN`, or what rtorrent fails with. */
export async function startOrigin(options: OriginOptions, payload: OriginPayload, folder: string): Promise<Origin> {
  const { socketPath } = options;
  const addresses = await originAddresses(options);
  if (socketPath !== undefined) return seedAt(createRtorrentControl(socketPath), addresses, payload);
  if (!addresses.some(isOwnAddress))
    return { addresses, seeder: undefined, isNew: false, start: async () => undefined, close: async () => undefined };
  return await startOwn(options, addresses, payload, folder);
}

export async function originAddresses({ addresses, trackerUrl }: OriginOptions): Promise<readonly string[]> {
  if (addresses.length > 0) return addresses;
  const own = await addressTowards(trackerUrl);
  if (own !== undefined) return [own];
  const message = `There is no way from here to ${trackerUrl}, so this machine's address is not known; give --origin`;
  throw new CommandError("ORIGIN_UNKNOWN", `${message} with the address that the hosts reach it at.`);
}

async function seedAt(
  control: RtorrentControl,
  addresses: readonly string[],
  { root, name, torrentFile, infoHash }: OriginPayload,
): Promise<Origin> {
  if (basename(root) !== name) {
    const message = `The rtorrent at ${control.socketPath} can seed ${root} only under its own name, not as ${name}`;
    throw new CommandError("USAGE", `${message}; rename it, or leave --origin-socket out.`);
  }
  await control.seed(torrentFile, { directory: dirname(root), infoHash, start: false });
  return {
    addresses,
    seeder: control.socketPath,
    isNew: false,
    start: () => control.start(infoHash),
    close: async () => undefined,
  };
}

async function startOwn(
  { uploadMbps }: OriginOptions,
  addresses: readonly string[],
  { root, name, torrentFile, infoHash }: OriginPayload,
  folder: string,
): Promise<Origin> {
  const directory = join(folder, "payloads");
  await mkdir(directory, { recursive: true });
  // Whatever the payload is called here, the hosts know it by the torrent's name.
  await symlink(root, join(directory, name));
  const rtorrent = await startRtorrent({
    settings: {
      directory,
      sessionDirectory: join(folder, "session"),
      scgiSocket: join(folder, "rpc.sock"),
      logFile: join(folder, "rtorrent.log"),
      listenPort: someOf(PORTS),
      preallocate: false,
      ...(uploadMbps !== undefined && { bandwidth: { accessMbps: uploadMbps, share: 1 } }),
    },
    configFile: join(folder, "rtorrent.rc"),
    // A proxy in the user's environment would take the announces.
    env: { PATH: process.env["PATH"] },
    // A deploy that is killed leaves no seeder behind.
    launcher: ["setpriv", "--pdeathsig", "TERM"],
  });
  const close = async () => void (await rtorrent.stop());
  try {
    await rtorrent.control.seed(torrentFile, { directory, infoHash, start: false });
  } catch (error) {
    await close();
    throw error;
  }
  return { addresses, seeder: root, isNew: true, start: () => rtorrent.control.start(infoHash), close };
}

/** Where a seeder before this one was, hosts may still take this one for it. */
function someOf({ first, last }: typeof PORTS): typeof PORTS {
  return { first: first + Math.floor((Math.random() * (last - first)) / 2), last };
}
