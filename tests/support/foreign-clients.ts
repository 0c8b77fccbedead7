// Clients other than rtorrent as a host would run them: one process, one address, peers from the tracker alone.
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { renderAria2, renderQBittorrent, renderTransmission } from "@rackcast/client-config";
import { type SupervisedChild, startChild } from "../../deployer-cli/src/rtorrent/supervised-child.ts";
import { findServerPort } from "./redis-port.ts";
import { RUN_ENVIRONMENT } from "./run-environment.ts";

export interface ForeignClientStart {
  /** The client's own, made here. */
  readonly folder: string;
  /** Where it listens, and from where it calls peers and tracker. */
  readonly address: string;
  readonly port: number;
  readonly torrentFile: string;
  /** Where its payload is, or is to be stored. */
  readonly payloads: string;
}

export type StartForeign = (start: ForeignClientStart) => Promise<ForeignClient>;

export interface ForeignClient extends SupervisedChild {
  readonly payloads: string;
}

/** aria2 seeds a payload that is already there; it also ends with this process. */
export async function startAria2(start: ForeignClientStart): Promise<ForeignClient> {
  return await startAria2With(start, []);
}

/** aria2 speaks UDP to trackers only where its DHT is on; it knows no node of it here, and asks none for a private torrent. */
export async function startAria2WithDht(start: ForeignClientStart): Promise<ForeignClient> {
  const files = [`--dht-file-path=${join(start.folder, "dht.dat")}`, `--dht-listen-port=${start.port}`];
  return await startAria2With(start, ["--enable-dht=true", ...files]);
}

/** By the configuration that is rendered for hosts. */
async function startAria2With(start: ForeignClientStart, more: readonly string[]): Promise<ForeignClient> {
  const { folder, address, port, torrentFile, payloads } = start;
  const configFile = join(folder, "aria2.conf");
  const settings = { directory: payloads, listenPort: port, bindAddress: address };
  await mkdir(folder, { recursive: true });
  await writeFile(configFile, renderAria2(settings));
  const options = [`--conf-path=${configFile}`, `--stop-with-process=${process.pid}`, ...more];
  return await startClient(start, "aria2c", [...options, torrentFile]);
}

/**
 * Transmission's daemon, by the settings that are rendered for hosts. 3.00 calls no peer in 127.0.0.0/8, whoever names it; it
 * accepts those that call.
 */
export async function startTransmission(start: ForeignClientStart): Promise<ForeignClient> {
  const { folder, address, port, torrentFile, payloads } = start;
  const watchDirectory = join(folder, "watched");
  const settings = { directory: payloads, listenPort: port, bindAddress: address, watchDirectory };
  await mkdir(watchDirectory, { recursive: true });
  await mkdir(payloads, { recursive: true });
  await copyFile(torrentFile, join(watchDirectory, "release.torrent"));
  await writeFile(join(folder, "settings.json"), renderTransmission(settings));
  return await startClient(start, "transmission-daemon", ["--foreground", "--config-dir", folder]);
}

/** qBittorrent without a window, by the configuration that is rendered for hosts. */
export async function startQBittorrent(start: ForeignClientStart): Promise<ForeignClient> {
  const { folder, address, port, torrentFile, payloads } = start;
  const webPort = await findServerPort();
  const config = join(folder, "qBittorrent/config");
  await mkdir(config, { recursive: true });
  const settings = { directory: payloads, listenPort: port, bindAddress: address, webPort };
  await writeFile(join(config, "qBittorrent.conf"), renderQBittorrent(settings));
  return await startClient(start, "qbittorrent-nox", [`--profile=${folder}`, torrentFile]);
}

/** libtorrent-rasterbar, by Debian's own Python; `address` may be several, joined by commas, all with the same port. */
export async function startLibtorrent(start: ForeignClientStart): Promise<ForeignClient> {
  const { folder, address, port, torrentFile, payloads } = start;
  const listen = address.split(",").map((one) => (one.includes(":") ? `[${one}]:${port}` : `${one}:${port}`));
  const said = JSON.stringify({ listen: listen.join(","), torrent: torrentFile, payloads });
  await mkdir(folder, { recursive: true });
  return await startClient(start, "/usr/bin/python3", [join(import.meta.dirname, "libtorrent-client.py"), said]);
}

async function startClient(
  { folder, payloads }: ForeignClientStart,
  executable: string,
  args: readonly string[],
): Promise<ForeignClient> {
  // Nothing else of this process' environment: a proxy in it would take the announces.
  const env = {
    ...RUN_ENVIRONMENT,
    HOME: folder,
  };
  return { ...(await startChild({ executable, args, cwd: folder, env })), payloads };
}
