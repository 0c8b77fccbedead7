// A host of one release in a folder: a real rtorrent, the release's payload, torrent and manifest, and where things go.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type RtorrentProcess, startRtorrent } from "@rackcast/deployer-cli/rtorrent";
import type { LoadableRelease } from "../../deployer-cli/src/distribution/driver.ts";
import { buildTorrent } from "../../deployer-cli/src/torrent/torrent-building.ts";

export interface ReleaseHost {
  readonly releases: string;
  readonly current: string;
  readonly socket: string;
  readonly trustKey: string;
  start(port: number): Promise<RtorrentProcess>;
}

export interface ReleaseSource {
  readonly release: LoadableRelease;
  /** Puts the payload where a host would have it. */
  copyTo(host: ReleaseHost): void;
  /** Signs the manifest with a new key, whose public half the host then trusts. */
  signFor(host: ReleaseHost): string;
}

export function makeReleaseHost(folder: string): ReleaseHost {
  const releases = join(folder, "releases");
  mkdirSync(releases, { recursive: true });
  const socket = join(folder, "rpc.sock");
  return {
    releases,
    current: join(folder, "current"),
    socket,
    trustKey: join(folder, "trust.pem"),
    start: (port) =>
      startRtorrent({
        settings: {
          directory: releases,
          sessionDirectory: join(folder, "session"),
          scgiSocket: socket,
          listenPort: port,
          bindAddress: "127.0.0.1",
        },
        configFile: join(folder, "rtorrent.rc"),
      }),
  };
}

/** `web-1.0` with names that lines and templates are broken by. */
export async function makeRelease(folder: string): Promise<ReleaseSource> {
  const source = join(folder, "source");
  const payload = join(source, "web-1.0");
  mkdirSync(join(payload, "lib"), { recursive: true });
  for (const name of ["app.bin", "lib/a\nb\r\\n", "lib/{{ boom }}", "lib/ende ü"]) {
    writeFileSync(join(payload, name), crypto.getRandomValues(Buffer.alloc(60_000)));
  }
  const { bytes, torrent } = await buildTorrent({ path: payload, announceUrl: "http://127.0.0.1:1/announce" });
  const file = (name: string) => join(folder, name);
  writeFileSync(file("web.torrent"), bytes);
  const paths = ["app.bin", ...readdirSync(join(payload, "lib")).map((name) => `lib/${name}`)];
  const sums = execFileSync("sha256sum", ["--", ...paths.map((path) => `web-1.0/${path}`)], { cwd: source });
  const head = Buffer.from(`# rackcast manifest 1 ${torrent.infoHash} web-1.0\n`);
  writeFileSync(file("manifest"), Buffer.concat([head, sums]));
  return {
    release: {
      infoHash: torrent.infoHash,
      name: "web-1.0",
      series: "web",
      lengthBytes: torrent.lengthBytes,
      torrentFile: file("web.torrent"),
      manifestFile: file("manifest"),
      signatureFile: undefined,
    },
    copyTo: ({ releases }) => cpSync(payload, join(releases, "web-1.0"), { recursive: true }),
    signFor({ trustKey }) {
      const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "pipe" });
      openssl("genpkey", "-algorithm", "ed25519", "-out", file("key.pem"));
      openssl("pkey", "-in", file("key.pem"), "-pubout", "-out", trustKey);
      const [input, output] = [file("manifest"), file("signature")];
      openssl("pkeyutl", "-sign", "-inkey", file("key.pem"), "-rawin", "-in", input, "-out", output);
      return output;
    },
  };
}
