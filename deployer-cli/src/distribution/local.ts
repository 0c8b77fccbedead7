// The driver `local`: this machine alone, its rtorrent driven over its unix socket.
import { lstat, mkdir, readFile, readlink, rename, rm, statfs, symlink } from "node:fs/promises";
import { createPublicKey, verify as verifySignature } from "node:crypto";
import { join, relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CommandError } from "../errors.ts";
import { formatBytes } from "../output/units.ts";
import { createRtorrentControl, type RtorrentControl } from "../rtorrent/rtorrent-control.ts";
import { readTorrent } from "../torrent/torrent-reading.ts";
import { wrongFiles } from "../torrent/payload-verification.ts";
import type {
  DistributionDriver,
  HostFailure,
  HostFailureCode,
  LoadableRelease,
  Release,
  TargetHost,
} from "./driver.ts";

const POLL_MS = 200;

export interface LocalDriverOptions {
  readonly socketPath: string;
  /** Payloads go below `releases` in it, and `current` has a link for each series. */
  readonly folder: string;
  /** PEM of an Ed25519 public key; releases without its signature are refused. */
  readonly trustFile: string | undefined;
  readonly signal: AbortSignal;
}

export function createLocalDriver(options: LocalDriverOptions): DistributionDriver {
  const control = createRtorrentControl(options.socketPath);
  const releases = join(options.folder, "releases");
  return {
    check: async () => void (await control.pid()),
    load: (release, hosts, said) =>
      onThisHost(hosts, "LOAD_FAILED", () => load(control, release, { releases, anew: said?.anew ?? false })),
    verify: (release, hosts) => onThisHost(hosts, "VERIFY_FAILED", () => verify(control, release, releases, options)),
    remove: (gone, hosts) => onThisHost(hosts, "REMOVE_FAILED", () => remove(control, gone, options.folder)),
  };
}

class HostFault extends Error {
  readonly code: HostFailureCode;
  constructor(code: HostFailureCode, message: string) {
    super(message);
    this.code = code;
  }
}

async function onThisHost(
  [host, ...others]: readonly TargetHost[],
  code: HostFailureCode,
  work: () => Promise<void>,
): Promise<readonly HostFailure[]> {
  if (host === undefined) return [];
  if (others.length > 0) {
    throw new CommandError(
      "USAGE",
      `--via local is for one host, this one, not ${others.length + 1}; take --via ansible or pull.`,
    );
  }
  try {
    await work();
    return [];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ host, code: error instanceof HostFault ? error.code : code, message }];
  }
}

async function load(
  control: RtorrentControl,
  release: LoadableRelease,
  { releases, anew }: { readonly releases: string; readonly anew: boolean },
): Promise<void> {
  const { infoHash, torrentFile } = release;
  const download = await find(control, infoHash);
  if (download?.complete) return announce(control, infoHash);
  if (download && !anew && (await control.peers(infoHash)).length > 0) return;
  // rtorrent refuses whom it was connected to for ten minutes, such as an origin that was started again; a torrent that is loaded
  // anew refuses nobody, and keeps the pieces that are there.
  if (download) await control.remove(infoHash);
  else await refuseFullDisk(release, releases);
  await control.load(torrentFile, { directory: releases, start: true, infoHash });
}

async function announce(control: RtorrentControl, infoHash: string): Promise<void> {
  await control.start(infoHash);
  await control.call("d.tracker_announce", infoHash.toUpperCase());
}

/** Wrong pieces are fetched again, once the client has found them. */
async function check(control: RtorrentControl, infoHash: string, signal: AbortSignal): Promise<void> {
  await control.call("d.check_hash", infoHash.toUpperCase());
  while ((await find(control, infoHash))?.hashing) await delay(POLL_MS, undefined, { signal });
  await announce(control, infoHash);
}

async function find(control: RtorrentControl, infoHash: string) {
  return (await control.list()).find(({ hash }) => hash === infoHash);
}

async function refuseFullDisk({ name, lengthBytes }: LoadableRelease, releases: string): Promise<void> {
  await mkdir(releases, { recursive: true });
  if (await lstat(join(releases, name)).catch(() => undefined)) return;
  const { bavail, bsize } = await statfs(releases);
  if (bavail * bsize >= lengthBytes) return;
  const needed = `${formatBytes(lengthBytes)} are needed below ${releases}, ${formatBytes(bavail * bsize)} are free`;
  throw new HostFault("DISK_FULL", `${needed}; make room, such as by rackcast prune.`);
}

async function verify(
  control: RtorrentControl,
  { infoHash, name, series, torrentFile, manifestFile, signatureFile }: LoadableRelease,
  releases: string,
  { folder, trustFile, signal }: LocalDriverOptions,
): Promise<void> {
  if (trustFile !== undefined) await refuseUntrusted({ trustFile, manifestFile, signatureFile, name });
  const torrent = readTorrent(await readFile(torrentFile), torrentFile);
  const [first, ...others] = await wrongFiles(torrent, releases, signal);
  if (first !== undefined) {
    await check(control, infoHash, signal);
    const more = others.length > 0 ? ` and ${others.length} more` : "";
    throw new HostFault(
      "CORRUPT",
      `${join(releases, name, first)}${more} differs from the manifest and is fetched anew; deploy again to see whether it came.`,
    );
  }
  await makeCurrent(folder, series, join(releases, name));
}

interface Signed {
  readonly trustFile: string;
  readonly manifestFile: string;
  readonly signatureFile: string | undefined;
  readonly name: string;
}

async function refuseUntrusted({ trustFile, manifestFile, signatureFile, name }: Signed): Promise<void> {
  if (signatureFile === undefined) {
    throw new HostFault("UNTRUSTED", `${name} is not signed; publish it with --sign-key.`);
  }
  const [pem, manifest, signature] = await Promise.all(
    [trustFile, manifestFile, signatureFile].map((file) => readFile(file)),
  );
  if (pem && manifest && signature && verifySignature(null, manifest, createPublicKey(pem), signature)) return;
  throw new HostFault("UNTRUSTED", `${name} is signed with another key than ${trustFile}; compare the two.`);
}

/** In one step: whoever opens `current/<series>` finds the old release or the new one. */
async function makeCurrent(folder: string, series: string, release: string): Promise<void> {
  const current = join(folder, "current");
  await mkdir(current, { recursive: true });
  const temporary = join(current, `.${series}.new`);
  await rm(temporary, { force: true });
  await symlink(relative(current, release), temporary);
  await rename(temporary, join(current, series));
}

async function remove(control: RtorrentControl, gone: readonly Release[], folder: string): Promise<void> {
  const loaded = new Set((await control.list()).map(({ hash }) => hash));
  for (const { infoHash, name, series } of gone) {
    const current = await readlink(join(folder, "current", series)).catch(() => "");
    if (current.endsWith(`/${name}`))
      throw new HostFault("REMOVE_FAILED", `${name} is current; deploy another release first.`);
    if (loaded.has(infoHash)) await control.remove(infoHash);
    await rm(join(folder, "releases", name), { recursive: true, force: true });
  }
}
