// Hosts that pull: the rendered script, a stock rtorrent and the tracker, all real.
import { spawn, spawnSync } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { mkdir, mkdtemp, open, rm, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { RtorrentProcess } from "@rackcast/deployer-cli/rtorrent";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findServerPort } from "../support/redis-port.ts";
import { availableShells, type PullHost, type PullWorld, type Shell, startPullWorld } from "./pull-world.ts";

const isRoot = process.getuid?.() === 0;
const programs = await mkdtemp(join(tmpdir(), "rackcast-pull-shells-"));
const shells = await availableShells(programs);
let world: PullWorld;
beforeAll(async () => void (world = await startPullWorld()));
afterAll(async () => {
  await world?.close();
  await rm(programs, { recursive: true, force: true });
});

const filesOf = () => ({ "app.bin": randomBytes(600_000), 'etc/it\'s a "file".conf': randomBytes(1000) });
const keyPair = () =>
  generateKeyPairSync("ed25519", {
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
const currentOf = (host: PullHost, series: string) => readlinkSync(join(host.folder, "current", series));

async function eventually(
  host: PullHost,
  what: string,
  holds: () => boolean | Promise<boolean>,
  env = {},
): Promise<void> {
  const runs: string[] = [];
  for (let tries = 0; !(await holds()); tries++) {
    if (tries > 60) throw new Error(`never: ${what}: ${runs.join("")}`);
    runs.push((await host.run([], {}, env)).stderr);
    await delay(150);
  }
}

it.skipIf(shells.length < 2)("has dash and BusyBox to run the script", () => expect(shells).toHaveLength(2));

// Each waits for its clients most of the time, so they wait side by side.
describe.concurrent.each(shells)("under $name", (shell: Shell) => {
  describe("a host that pulls", { concurrent: false }, () => {
    behaviours(shell);
  });
});

function behaviours(shell: Shell): void {
  const index = shells.indexOf(shell) + 1;
  let host: PullHost;
  let rtorrent: RtorrentProcess;
  let files: ReturnType<typeof filesOf>;
  const series = `web${index}x`;
  const [first, second] = [
    { name: `${series}-1.0`, hash: "" },
    { name: `${series}_v2`, hash: "" },
  ];
  beforeAll(async () => {
    host = world.host(`127.0.${index}.1`, shell);
    rtorrent = await host.start();
  });

  it("fetches a release, compares it, makes it current, reports, and then has nothing to do", async () => {
    files = filesOf();
    first.hash = await world.release({ name: first.name, files, target: host });
    await host.untilReported(first.hash, "verified");
    expect(currentOf(host, series)).toBe(`../releases/${first.name}`);
    for (const [path, bytes] of Object.entries(files))
      expect(readFileSync(join(host.folder, "current", series, path)).equals(bytes)).toBe(true);
    expect(await host.run()).toEqual({ code: 0, stderr: "" });
  });

  it("switches to a second release, has the hook run until it succeeds, and keeps the first", async () => {
    second.hash = await world.release({ name: second.name, files: filesOf(), target: host });
    const hook = join(host.folder, "hook");
    const log = join(host.folder, "hook.log");
    await writeFile(hook, `#!/bin/sh\necho "$@" >>${log}\ntest -e ${log}.ok\n`, { mode: 0o755 });
    const env = { RACKCAST_HOOK: hook };
    await eventually(host, "the hook is run", () => existsSync(log), env);
    expect(currentOf(host, series)).toBe(`../releases/${second.name}`);
    expect(await host.report(second.hash)).toMatchObject({
      code: "VERIFY_FAILED",
      message: expect.stringContaining(hook),
    });
    await writeFile(`${log}.ok`, "");
    expect((await host.run([], {}, env)).code).toBe(0);
    expect(await host.report(second.hash)).toMatchObject({ state: "verified", code: null });
    expect(await host.run([], {}, env)).toEqual({ code: 0, stderr: "" });
    const line = `${series} ${second.name} ${join(host.folder, "releases", second.name)}\n`;
    expect(readFileSync(log, "utf8").replaceAll(line, "")).toBe("");
    expect((await rtorrent.control.list()).map(({ hash }) => hash).sort()).toEqual([first.hash, second.hash].sort());
  });

  it("goes back when the first is activated anew, and again", async () => {
    await world.activate(first.hash, host);
    await host.untilReported(first.hash, "verified");
    expect(currentOf(host, series)).toBe(`../releases/${first.name}`);
    await world.activate(second.hash, host);
    await host.untilReported(second.hash, "verified");
    expect(currentOf(host, series)).toBe(`../releases/${second.name}`);
  });

  it("goes on after its client was killed and started again", async () => {
    await rtorrent.kill();
    rtorrent = await host.start();
    await eventually(host, "both are loaded", async () => (await rtorrent.control.list()).length === 2);
    await delay(2500);
    expect((await rtorrent.control.list()).every(({ complete }) => complete)).toBe(true);
    expect(await host.run()).toEqual({ code: 0, stderr: "" });
  });

  it("leaves everything to a run that is still at work", async () => {
    const lock = join(host.folder, "pull/lock");
    const other = spawn("flock", [lock, "sh", "-c", "echo held; read end"], { stdio: ["pipe", "pipe", "inherit"] });
    await once(other.stdout, "data");
    expect(await host.run()).toEqual({ code: 0, stderr: "rackcast-pull: another run is at work\n" });
    other.stdin.end();
    await once(other, "exit");
    expect(await host.run()).toEqual({ code: 0, stderr: "" });
  });

  it("changes nothing while no tracker answers, or the answer is cut off or is none", async () => {
    const port = await findServerPort();
    const away = await host.run([], { trackers: [`http://127.0.0.1:${port}`] });
    expect(away).toMatchObject({ code: 3, stderr: expect.stringContaining("nothing is changed") });
    for (const body of ["", "<html>\n", `${second.hash}\t1\tcurrent\t-\t${second.name}\n`, "x\n# end 1\n"]) {
      const server = createServer((socket) => {
        socket.on("error", () => undefined);
        socket.once("data", () => socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${body}`));
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port: liar } = server.address() as { port: number };
      expect(await host.run([], { trackers: [`http://127.0.0.1:${liar}`] })).toMatchObject({ code: 3 });
      server.close();
    }
    for (const { name, hash } of [first, second]) {
      expect(existsSync(join(host.folder, "releases", name, "app.bin"))).toBe(true);
      expect(existsSync(join(host.folder, "watch", `${hash}.torrent`))).toBe(true);
    }
  });

  it("takes a deactivated release off, but not the current one", async () => {
    await world.deactivate(first.hash);
    await world.deactivate(second.hash);
    await eventually(host, "it is gone", () => !existsSync(join(host.folder, "releases", first.name)));
    expect(await rtorrent.control.list()).toEqual([]);
    expect(currentOf(host, series)).toBe(`../releases/${second.name}`);
    expect(existsSync(join(host.folder, "current", series, "app.bin"))).toBe(true);
    expect(existsSync(join(host.folder, "pull", first.hash))).toBe(false);
    expect(await host.run()).toEqual({ code: 0, stderr: "" });
  });

  it("takes a payload that was there, and never removes that", async () => {
    await world.activate(second.hash, host);
    await mkdir(join(host.folder, "releases", first.name, "etc"), { recursive: true });
    for (const [path, bytes] of Object.entries(files))
      await writeFile(join(host.folder, "releases", first.name, path), bytes);
    await world.activate(first.hash, host);
    await host.untilReported(first.hash, "verified");
    await host.untilReported(second.hash, "verified");
    expect(currentOf(host, series)).toBe(`../releases/${first.name}`);
    await world.activate(second.hash, host);
    await host.untilReported(second.hash, "verified");
    await world.deactivate(first.hash);
    await eventually(host, "it is forgotten", () => !existsSync(join(host.folder, "pull", first.hash)));
    expect(existsSync(join(host.folder, "releases", first.name, "app.bin"))).toBe(true);
    await world.deactivate(second.hash);
  });

  it("names a file that is wrong, and has the client mend it", async () => {
    const name = `api${index}-3`;
    const hash = await world.release({ name, files: filesOf(), target: host });
    await host.run();
    const complete = async () => (await rtorrent.control.list()).some((one) => one.hash === hash && one.complete);
    for (let tries = 0; !(await complete()) && tries < 200; tries++) await delay(100);
    const file = await open(join(host.folder, "releases", name, "app.bin"), "r+");
    await file.write("not as published", 1234);
    await file.close();
    const outcome = await host.untilReported(hash, "failed");
    expect(outcome.code).toBe(1);
    expect(await host.report(hash)).toMatchObject({
      code: "CORRUPT",
      message: expect.stringContaining(`${name}/app.bin`),
    });
    expect(existsSync(join(host.folder, "current", `api${index}`))).toBe(false);
    // For ten minutes two rtorrents do not meet again.
    await world.seedElsewhere(name, hash);
    await host.untilReported(hash, "verified");
    expect(currentOf(host, `api${index}`)).toBe(`../releases/${name}`);
    expect((await host.run(["--verify-all"])).stderr).toContain(`${name}: every file is as published`);
    await world.deactivate(hash);
  });

  it("refuses what is not signed by the trusted key before it is fetched", async () => {
    const [trusted, other] = [keyPair(), keyPair()];
    const hashes = [
      await world.release({ name: `plain${index}-1`, files: filesOf(), target: host }),
      await world.release({ name: `other${index}-1`, files: filesOf(), target: host, privateKey: other.privateKey }),
      await world.release({ name: `good${index}-1`, files: filesOf(), target: host, privateKey: trusted.privateKey }),
    ] as const;
    const run = () => host.run([], { trustKey: trusted.publicKey });
    expect((await run()).code).toBe(1);
    for (const hash of hashes.slice(0, 2)) {
      expect(await host.report(hash)).toMatchObject({ state: "failed", code: "UNTRUSTED" });
      expect(existsSync(join(host.folder, "watch", `${hash}.torrent`))).toBe(false);
    }
    for (let tries = 0; (await host.report(hashes[2]))?.state !== "verified" && tries < 100; tries++) {
      await delay(200);
      await run();
    }
    expect(currentOf(host, `good${index}`)).toBe(`../releases/good${index}-1`);
    for (const hash of hashes) await world.deactivate(hash);
  });

  it("says so when its client is not running, or does not watch", async () => {
    const alone = world.host(`127.0.${index}.2`, shell);
    const hash = await world.release({ name: `late${index}-1`, files: filesOf(), target: alone });
    const watched = join(alone.folder, "watch", `${hash}.torrent`);
    await alone.run();
    await utimes(watched, 0, 0);
    expect((await alone.run()).code).toBe(1);
    expect(await alone.report(hash)).toMatchObject({ code: "CLIENT_MISSING" });
    await world.deactivate(hash);
  });

  it.skipIf(!isRoot)(
    "reports a full disk with the bytes needed and free, and goes on once there is room",
    async ({ onTestFinished }) => {
      const small = world.host(`127.0.${index}.3`, shell);
      const releases = join(small.folder, "releases");
      await mkdir(releases, { recursive: true });
      expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=256k", "rackcast-test", releases]).status).toBe(0);
      onTestFinished(async () => void spawnSync("umount", ["--lazy", releases]));
      await small.start();
      const hash = await world.release({ name: `big${index}-1`, files: filesOf(), target: small });
      expect((await small.run()).code).toBe(1);
      const { code, message } = (await small.report(hash))!;
      expect([code, message]).toEqual([
        "DISK_FULL",
        expect.stringMatching(/needs 601088 more bytes .* 262144 are free/),
      ]);
      spawnSync("mount", ["-o", "remount,size=4m", releases]);
      await small.untilReported(hash, "verified");
      await world.deactivate(hash);
    },
  );
}
