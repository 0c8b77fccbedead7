// The rendered configuration and the control of rtorrent, held against the real one.
import { chown, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { RtorrentSettings } from "@rackcast/client-config";
import { type RtorrentProcess, startRtorrent } from "@rackcast/deployer-cli/rtorrent";
import { buildTorrent } from "../../deployer-cli/src/torrent/torrent-building.ts";
import { complaintsOf } from "../support/rtorrent-complaints.ts";
import { startRecordingTracker } from "./recording-tracker.ts";
import { RUN_ENVIRONMENT } from "../support/run-environment.ts";

const PORT = 6897;
const PAYLOAD_BYTES = 4 * 2 ** 20;
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "rackcast-rt-"))));
afterEach(async () => rm(folder, { recursive: true, force: true }));

function settingsOf(host: string, address: string, more: Partial<RtorrentSettings> = {}): RtorrentSettings {
  return {
    directory: join(folder, host, "payloads"),
    sessionDirectory: join(folder, host, "session"),
    scgiSocket: join(folder, host, "rpc.sock"),
    listenPort: PORT,
    bindAddress: address,
    ...more,
  };
}

async function start(host: string, address: string, more: Partial<RtorrentSettings> = {}): Promise<RtorrentProcess> {
  const settings = settingsOf(host, address, more);
  const rtorrent = await startRtorrent({ settings, configFile: join(folder, host, "rtorrent.rc") });
  onTestFinished(async () => void (await rtorrent.kill()));
  return rtorrent;
}

async function publish(announceUrl: string) {
  const source = join(folder, "source");
  await mkdir(join(source, "release/deep"), { recursive: true });
  for (const name of ["release/app.bin", "release/deep/data.bin"])
    await writeFile(
      join(source, name),
      crypto
        .getRandomValues(Buffer.alloc(65_536))
        .toString("hex")
        .repeat(PAYLOAD_BYTES / 2 ** 18),
    );
  const { bytes, torrent } = await buildTorrent({ path: join(source, "release"), announceUrl });
  const torrentFile = join(folder, "release.torrent");
  await writeFile(torrentFile, bytes);
  return { source, torrentFile, infoHash: torrent.infoHash };
}

async function until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await delay(50);
  }
}

describe("the announce schedule", () => {
  it("asks for an incomplete torrent every two seconds, for a complete or stopped one never, and never 11 times in 10 s", async () => {
    const tracker = await startRecordingTracker();
    onTestFinished(tracker.close);
    const { source, torrentFile, infoHash } = await publish(tracker.announceUrl);
    const [origin, leecher, stopped] = await Promise.all([
      start("origin", "127.0.100.1"),
      start("leecher", "127.0.1.1", { bandwidth: { accessMbps: 4, share: 1 } }),
      start("stopped", "127.0.1.2"),
    ]);
    await origin.control.seed(torrentFile, { directory: source, infoHash });
    await stopped.control.load(torrentFile, { start: true, infoHash });
    await until("the third client has announced", () => tracker.from("127.0.1.2").length > 0);
    await stopped.control.stop(infoHash);
    await leecher.control.load(torrentFile, { start: true, infoHash });
    await until(
      "the leecher is complete",
      () => tracker.from("127.0.1.1").some(({ event }) => event === "completed"),
      60_000,
    );
    const heard = tracker.from("127.0.1.1").length;
    await delay(6_000);

    const asked = tracker.from("127.0.1.1");
    expect(asked).toHaveLength(heard);
    const plain = asked.filter(({ event }) => event === undefined);
    expect(plain.length).toBeGreaterThanOrEqual(3);
    for (const [index, { atMs }] of plain.slice(1).entries()) {
      expect(atMs - plain[index]!.atMs).toBeGreaterThan(1_700);
      expect(atMs - plain[index]!.atMs).toBeLessThan(2_500);
    }
    expect(asked.filter(({ event }) => event === "completed")).toHaveLength(1);
    expect(tracker.from("127.0.100.1")).toHaveLength(1);
    expect(tracker.from("127.0.1.2").at(-1)?.event).toBe("stopped");
    for (const { address, atMs } of tracker.announces) {
      const busy = tracker.from(address).filter((other) => other.atMs >= atMs && other.atMs < atMs + 10_000);
      expect(busy.length).toBeLessThanOrEqual(10);
    }
  });

  it("survives a tracker that refuses every request, announcing all the while", async () => {
    const { torrentFile, infoHash } = await publish("http://127.0.0.1:9/announce");
    const rtorrent = await start("alone", "127.0.1.1");
    await rtorrent.control.load(torrentFile, { start: true, infoHash });
    await delay(12_000);
    expect((await rtorrent.control.list())[0]?.message).toMatch(/Tracker/);
  });
});

describe("a bound client", () => {
  it("listens, announces and calls peers from its address alone", async () => {
    const tracker = await startRecordingTracker();
    onTestFinished(tracker.close);
    const { source, torrentFile, infoHash } = await publish(tracker.announceUrl);
    const [origin, host] = await Promise.all([
      start("origin", "127.0.100.1"),
      start("host", "127.0.1.1", { bandwidth: { accessMbps: 16, share: 1 } }),
    ]);
    await host.control.load(torrentFile, { start: true, infoHash });
    await until("the host has announced", () => tracker.from("127.0.1.1").length > 0);
    await origin.control.seed(torrentFile, { directory: source, infoHash });
    await until("they are connected", async () => (await host.control.peers(infoHash)).length > 0);
    expect((await host.control.peers(infoHash)).map(({ address }) => address)).toEqual(["127.0.100.1"]);
    expect((await origin.control.peers(infoHash)).map(({ address, outgoing }) => ({ address, outgoing }))).toEqual([
      { address: "127.0.1.1", outgoing: true },
    ]);
    expect(new Set(tracker.announces.map(({ address }) => address))).toEqual(new Set(["127.0.1.1", "127.0.100.1"]));
  });
});

describe("a client under control", () => {
  it("refuses to seed a payload that is not whole", async () => {
    const { source, torrentFile, infoHash } = await publish("http://127.0.0.1:9/announce");
    await writeFile(join(source, "release/app.bin"), Buffer.alloc(PAYLOAD_BYTES / 2));
    const rtorrent = await start("origin", "127.0.100.1");
    await expect(rtorrent.control.seed(torrentFile, { directory: source, infoHash })).rejects.toMatchObject({
      code: "RTORRENT_REFUSED",
    });
    expect((await rtorrent.control.list())[0]).toMatchObject({ active: false, complete: false });
  });

  it("forgets a torrent without deleting the .torrent or the payload", async () => {
    const { source, torrentFile, infoHash } = await publish("http://127.0.0.1:9/announce");
    const rtorrent = await start("origin", "127.0.100.1");
    await rtorrent.control.seed(torrentFile, { directory: source, infoHash });
    await rtorrent.control.remove(infoHash);
    expect(await rtorrent.control.list()).toEqual([]);
    expect((await stat(torrentFile)).size).toBeGreaterThan(0);
    expect((await stat(join(source, "release/app.bin"))).size).toBe(PAYLOAD_BYTES / 2);
  });

  it("starts again over the socket and session that a killed one left behind, with its torrents", async () => {
    const { source, torrentFile, infoHash } = await publish("http://127.0.0.1:9/announce");
    const first = await start("origin", "127.0.100.1");
    await first.control.seed(torrentFile, { directory: source, infoHash });
    await first.control.call("session.save");
    await first.kill();
    const second = await start("origin", "127.0.100.1");
    expect((await second.control.list()).map(({ hash }) => hash)).toEqual([infoHash]);
    expect(await second.stop()).toEqual({ code: 0, signal: null });
  });

  it("takes and gives up limits while it runs", async () => {
    const { control } = await start("host", "127.0.1.1");
    await control.setLimits({ downloadKiBps: 100, uploadKiBps: 50 });
    expect(await control.call("throttle.global_down.max_rate")).toBe(102_400);
    expect(await control.call("throttle.global_up.max_rate")).toBe(51_200);
    await control.setLimits({ downloadKiBps: 0 });
    expect(await control.call("throttle.global_down.max_rate")).toBe(0);
    expect(await control.call("throttle.global_up.max_rate")).toBe(51_200);
  });

  it("uploads to a limited network at its limit, and to others as before", async () => {
    const tracker = await startRecordingTracker();
    onTestFinished(tracker.close);
    const { source, torrentFile, infoHash } = await publish(tracker.announceUrl);
    const origin = await start("origin", "127.0.100.1", { bandwidth: { accessMbps: 400, share: 1 } });
    await origin.control.limitUploadsTo({ name: "rack1", networks: ["127.0.1.0/24"], kiBps: 256 });
    const [limited, free] = await Promise.all([start("limited", "127.0.1.1"), start("free", "127.0.2.1")]);
    // The origin comes last and calls both, so that no pair meets twice and none meets but through it.
    for (const { control } of [limited, free]) {
      await control.load(torrentFile, { start: true, infoHash });
      await control.setLimits({ uploadKiBps: 1 });
    }
    await origin.control.seed(torrentFile, { directory: source, infoHash });
    const isDone = async ({ control }: RtorrentProcess) => (await control.list())[0]?.complete === true;
    const startedAt = Date.now();
    await until("the free host is complete", () => isDone(free), 60_000);
    await until("the limited host has begun", async () => ((await limited.control.list())[0]?.downTotal ?? 0) > 65_536);
    const before = (await limited.control.list())[0]!.downTotal;
    await delay(4_000);
    const rate = ((await limited.control.list())[0]!.downTotal - before) / 4 / 1024;
    expect(Date.now() - startedAt).toBeLessThan(60_000);
    expect(rate).toBeGreaterThan(256 * 0.6);
    expect(rate).toBeLessThan(256 * 1.4);
  });

  it("says that the port is taken, and ends", async () => {
    await start("host", "127.0.1.1");
    await expect(start("other", "127.0.1.1")).rejects.toMatchObject({
      code: "RTORRENT_FAILED",
      message: expect.stringMatching(/bind port.*\n.*free/s),
    });
  });

  it("says how to install rtorrent where there is none", async () => {
    const settings = settingsOf("host", "127.0.1.1");
    const started = startRtorrent({ settings, configFile: join(folder, "rc"), env: { PATH: folder } });
    await expect(started).rejects.toMatchObject({
      code: "RTORRENT_MISSING",
      message: expect.stringContaining("apt install rtorrent"),
    });
  });

  it.runIf(isRoot)("runs without HOME as a user without rights", async () => {
    const settings = settingsOf("host", "127.0.1.1", { logFile: join(folder, "host/rtorrent.log") });
    for (const path of [folder, settings.directory, settings.sessionDirectory]) {
      await mkdir(path, { recursive: true });
      await chown(path, NOBODY, NOBODY);
    }
    await chown(join(folder, "host"), NOBODY, NOBODY);
    const configFile = join(folder, "host/rtorrent.rc");
    await writeFile(configFile, "");
    await chown(configFile, NOBODY, NOBODY);
    const rtorrent = await startRtorrent({
      settings,
      configFile,
      launcher: ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"],
      env: RUN_ENVIRONMENT,
    });
    onTestFinished(async () => void (await rtorrent.kill()));
    expect((await stat(settings.scgiSocket)).uid).toBe(NOBODY);
    expect(await complaintsOf(rtorrent, join(folder, "host/rtorrent.log"))).toEqual([]);
  });
});
