// Every golden rtorrent configuration, loaded by a real rtorrent of its version.
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { bandwidthLimitKiBps, type RtorrentSettings } from "@rackcast/client-config";
import { type RtorrentProcess, startConfiguredRtorrent } from "@rackcast/deployer-cli/rtorrent";
import { GOLDEN_CASES, GOLDEN_ROOT } from "../../client-config/src/rtorrent/golden-cases.ts";
import { findServerPort } from "../support/redis-port.ts";
import { complaintsOf } from "../support/rtorrent-complaints.ts";
import { RUN_ENVIRONMENT } from "../support/run-environment.ts";

const COMPLAINTS = "complaints.log";

/** By version: the executable, undefined where there is none. Debian has 0.9.8; who has others names them. */
const EXECUTABLES: Readonly<Record<string, string | undefined>> = {
  "0.9.8": "rtorrent",
  "0.15": process.env["RTORRENT_015"],
  "0.16": process.env["RTORRENT_016"],
};

let folder: string;
/** In the place of the one port that goldens have, which another client on this machine may have too. */
let port: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rackcast-rt-"));
  port = await findServerPort();
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

async function startGolden(file: string, executable: string): Promise<RtorrentProcess> {
  const golden = await readFile(new URL(`../../client-config/golden/${file}`, import.meta.url), "utf8");
  const configFile = join(folder, file);
  const { directory, sessionDirectory, logFile = directory } = GOLDEN_CASES[file]!;
  for (const path of [directory, sessionDirectory, dirname(logFile)])
    await mkdir(path.replace(GOLDEN_ROOT, folder), { recursive: true });
  // Ahead of everything else, so that what the configuration itself provokes is heard.
  // 0.16 keeps what it logs for a while, unless told to write at once.
  const open = GOLDEN_CASES[file]!.version === "0.16" ? "log.open_file.flush" : "log.open_file";
  const log = `${open} = "complaints", "${join(folder, COMPLAINTS)}"\nlog.add_output = "warn", "complaints"\n`;
  const text = golden.replaceAll(GOLDEN_ROOT, folder).replaceAll("6890-6890", `${port}-${port}`);
  await writeFile(configFile, log + text);
  if (executable !== "rtorrent") await symlink(executable, join(folder, "rtorrent"));
  const rtorrent = await startConfiguredRtorrent({
    configFile,
    scgiSocket: join(folder, "rpc.sock"),
    env: { ...RUN_ENVIRONMENT, PATH: `${folder}:${process.env["PATH"]}` },
  });
  onTestFinished(async () => void (await rtorrent.kill()));
  return rtorrent;
}

/** What each command has to answer. */
function takenSettings(settings: RtorrentSettings): Record<string, string | number> {
  const { bandwidth, bindAddress = "" } = settings;
  const limit = bandwidth ? Math.min(2 ** 30, bandwidthLimitKiBps(bandwidth) * 1024) : 0;
  const { first, last } = portsOf(settings);
  const inBoth = {
    "system.daemon": 1,
    "directory.default": settings.directory.replace(GOLDEN_ROOT, folder),
    "session.path": `${settings.sessionDirectory.replace(GOLDEN_ROOT, folder)}/`,
    "network.bind_address": bindAddress,
    "protocol.pex": 0,
    "throttle.global_down.max_rate": limit,
    "throttle.global_up.max_rate": limit,
    "throttle.max_uploads": settings.maxUploads ?? 50,
    "throttle.max_peers.normal": settings.maxPeers ?? 200,
    "throttle.min_peers.normal": settings.maxPeers ?? 200,
    "pieces.hash.on_completion": settings.checkHash ? 1 : 0,
    "pieces.sync.always_safe": 0,
    "system.file.allocate": settings.preallocate === false ? 0 : 1,
  };
  if (settings.version === "0.16") return inBoth;
  const ports = { "network.port_range": `${first}-${last}`, "network.port_random": 0 };
  return {
    ...inBoth,
    ...ports,
    "network.max_open_files": 256,
    "network.max_open_sockets": 512,
    "trackers.use_udp": 0,
  };
}

function portsOf({ listenPort }: RtorrentSettings): { first: number; last: number } {
  return typeof listenPort === "number" ? { first: port, last: port } : listenPort;
}

/** 0.16 is told its port by two names, and logs the one that it does not know. */
const isExpected = (complaint: string) =>
  /Caught exception: 'Command "network\.(listen\.port\.|port_)(range|random)\.set" does not exist\.'\.$/.test(
    complaint,
  );

for (const [version, executable = ""] of Object.entries(EXECUTABLES)) {
  const variable = `RTORRENT_${version.replace(".", "")}`;
  const remark = executable === "" ? ` (skipped: ${variable} names no such rtorrent)` : "";
  const cases = Object.entries(GOLDEN_CASES).filter(([, settings]) => (settings.version ?? "0.9.8") === version);

  describe(`every golden configuration for rtorrent ${version}${remark}`, () => {
    it.skipIf(executable === "").each(cases)(
      "loads without a complaint, and every setting takes: %s",
      async (file, settings) => {
        const rtorrent = await startGolden(file, executable);
        const { call } = rtorrent.control;
        const complaints = await complaintsOf(rtorrent, join(folder, COMPLAINTS));
        expect(complaints.filter((complaint) => !isExpected(complaint))).toEqual([]);
        expect(complaints).toHaveLength(version === "0.16" ? 2 : 0);
        expect(await call("system.client_version")).toContain(version);
        const expected = takenSettings(settings);
        const taken = await Promise.all(Object.keys(expected).map(async (method) => [method, await call(method)]));
        expect(Object.fromEntries(taken)).toEqual(expected);
        expect(await call("dht.statistics")).toMatchObject({ dht: "disable" });
        const { first, last } = portsOf(settings);
        expect(Number(await call("network.listen.port"))).toBeGreaterThanOrEqual(first);
        expect(Number(await call("network.listen.port"))).toBeLessThanOrEqual(last);
        expect((await stat(rtorrent.control.socketPath)).mode & 0o002).toBe(0);
      },
    );
  });
}

it("a golden configuration would be refused with an option that 0.9.8 does not know", async () => {
  const rtorrent = await startGolden("rtorrent-defaults.rc", "rtorrent");
  const broken = join(folder, "broken.rc");
  await writeFile(broken, `${await readFile(join(folder, "rtorrent-defaults.rc"), "utf8")}peer_exchange = no\n`);
  await rtorrent.kill();
  await expect(
    startConfiguredRtorrent({ configFile: broken, scgiSocket: join(folder, "rpc.sock") }),
  ).rejects.toMatchObject({ code: "RTORRENT_FAILED", message: expect.stringContaining("peer_exchange") });
});
