// Holds what the module rackcast_release does on a host, by itself: real Python, a real rtorrent, real openssl.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RtorrentProcess } from "@rackcast/deployer-cli/rtorrent";
import { makeRelease, makeReleaseHost, type ReleaseHost, type ReleaseSource } from "../support/release-host.ts";

const MODULE = join(import.meta.dirname, "../../ops/ansible/library/rackcast_release.py");
const PORT = 6941;

const scratch = mkdtempSync(join(tmpdir(), "rackcast-module-"));
let source: ReleaseSource;
let host: ReleaseHost;
let folder: string;
let rtorrent: RtorrentProcess | undefined;

beforeAll(async () => {
  source = await makeRelease(scratch);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
beforeEach(() => {
  folder = mkdtempSync(join(scratch, "host-"));
  host = makeReleaseHost(folder);
});
afterEach(async () => {
  await rtorrent?.kill();
  rtorrent = undefined;
});

type Answer = Readonly<Record<string, unknown>>;

function run(given: Readonly<Record<string, unknown>>): Answer {
  const file = join(folder, "arguments.json");
  const { releases, current, socket, trustKey } = host;
  writeFileSync(file, JSON.stringify({ releases, current, socket, trust_key: trustKey, ...given }));
  const { stdout, stderr } = spawnSync("/usr/bin/python3", [MODULE, file], { encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Answer;
}

const encoded = (file: string) => readFileSync(file).toString("base64");
const release = () => ({ name: source.release.name, info_hash: source.release.infoHash });

function load(more: Answer = {}): Answer {
  const { torrentFile, lengthBytes } = source.release;
  const length = { torrent: encoded(torrentFile), length_bytes: lengthBytes };
  return run({ state: "loaded", ...release(), ...length, ...more });
}

function verify(more: Answer = {}): Answer {
  const manifest = { manifest: encoded(source.release.manifestFile), series: "web" };
  return run({ state: "verified", ...release(), ...manifest, ...more });
}

const remove = (more: Answer = {}) => run({ state: "absent", unwanted: [release()], ...more });

async function download() {
  for (;;) {
    const [only] = await rtorrent!.control.list();
    if (!only?.hashing) return only;
    await delay(20);
  }
}

describe("loaded", () => {
  it("has the client fetch a release, anew while it has nobody to, and leaves nothing but the payload behind", async () => {
    rtorrent = await host.start(PORT);
    expect(load({ _ansible_check_mode: true })).toMatchObject({ changed: true });
    expect(await download()).toBeUndefined();
    expect(load()).toEqual({ changed: true, reason: "new" });
    expect(await download()).toMatchObject({ hash: source.release.infoHash, active: true, complete: false });
    expect(load()).toEqual({ changed: true, reason: "nobody to fetch from" });
    expect(readdirSync(host.releases)).toEqual(["web-1.0"]);
  });

  it("takes what is there already, names of any bytes included", async () => {
    rtorrent = await host.start(PORT);
    source.copyTo(host);
    load();
    expect(await download()).toMatchObject({ complete: true });
  });

  it("starts what was stopped, and fetches what is gone", async () => {
    rtorrent = await host.start(PORT);
    source.copyTo(host);
    load();
    await download();
    await rtorrent.control.stop(source.release.infoHash);
    expect(load()).toEqual({ changed: true, reason: "stopped" });
    expect(await download()).toMatchObject({ active: true, complete: true });
    rmSync(join(host.releases, "web-1.0"), { recursive: true });
    expect(load()).toEqual({ changed: true, reason: "files are gone" });
    expect(await download()).toMatchObject({ active: true, completedBytes: 0 });
  });

  it("has the client check again what a verification found wrong, and when it is told to", async () => {
    rtorrent = await host.start(PORT);
    source.copyTo(host);
    load();
    await download();
    writeFileSync(join(host.releases, "web-1.0/app.bin"), "x", { flag: "r+" });
    expect(load()).toEqual({ changed: false });
    expect(verify()).toMatchObject({ code: "CORRUPT" });
    expect(load()).toEqual({ changed: true, reason: "recheck" });
    const mended = await download();
    expect(mended).toMatchObject({ active: true, complete: false });
    expect(mended!.completedBytes).toBeGreaterThan(0);
    expect(load({ recheck: true })).toEqual({ changed: true, reason: "recheck" });
  });

  it("says how much room is missing, before anything is begun", async () => {
    rtorrent = await host.start(PORT);
    const answer = load({ length_bytes: 10 ** 15 });
    expect(answer).toMatchObject({ failed: true, code: "DISK_FULL" });
    expect(answer["msg"]).toMatch(/web-1\.0 needs 1000000000000000 more bytes in .*releases, and [1-9]\d* are free/);
    expect(await download()).toBeUndefined();
  });

  it("tells a client that is not there from one that cannot write", async () => {
    expect(load()).toMatchObject({ code: "CLIENT_MISSING", msg: expect.stringContaining(host.socket) });
    rtorrent = await host.start(PORT);
    writeFileSync(join(host.releases, "web-1.0"), "in the way");
    expect(load()).toMatchObject({ code: "LOAD_FAILED", msg: expect.stringContaining("cannot open the files") });
  });
});

describe("verified", () => {
  const link = () => join(host.current, "web");

  it("makes the release current once every file is right", () => {
    source.copyTo(host);
    expect(verify({ _ansible_check_mode: true })).toEqual({ changed: true });
    expect(existsSync(host.current)).toBe(false);
    expect(verify()).toEqual({ changed: true });
    expect(verify()).toEqual({ changed: false });
    expect(readlinkSync(link())).toBe("../releases/web-1.0");
    rmSync(link());
    symlinkSync("../releases/web-0.9", link());
    expect(verify()).toEqual({ changed: true });
    expect(readlinkSync(link())).toBe("../releases/web-1.0");
    expect(readdirSync(host.current)).toEqual(["web"]);
  });

  it("names the first wrong file and how many there are, and leaves the current one", () => {
    source.copyTo(host);
    rmSync(join(host.releases, "web-1.0/lib/a\nb\r\\n"));
    expect(verify()["msg"]).toBe(
      String.raw`1 file is wrong: "web-1.0/lib/a\nb\r\\n" is missing; the next deploy has it fetched again`,
    );
    truncateSync(join(host.releases, "web-1.0/app.bin"), 59_999);
    const answer = verify();
    expect(answer).toMatchObject({ failed: true, code: "CORRUPT" });
    expect(answer["msg"]).toContain('2 files are wrong, the first: "web-1.0/app.bin" has other content');
    expect(existsSync(link())).toBe(false);
  });

  it("is not led elsewhere by links and other files in place of plain ones", () => {
    source.copyTo(host);
    const file = join(host.releases, "web-1.0/app.bin");
    const moved = join(folder, "elsewhere");
    writeFileSync(moved, readFileSync(file));
    rmSync(file);
    symlinkSync(moved, file);
    expect(verify()).toMatchObject({ code: "CORRUPT" });
    rmSync(file);
    spawnSync("mkfifo", [file]);
    expect(verify()).toMatchObject({ code: "CORRUPT" });
  });

  it("refuses what is not signed by the key that the host trusts", () => {
    source.copyTo(host);
    const signature = encoded(source.signFor(host));
    expect(verify()).toMatchObject({ code: "UNTRUSTED", msg: expect.stringContaining("is not signed") });
    const other = Buffer.from(signature, "base64");
    other[0]! ^= 1;
    expect(verify({ signature: other.toString("base64") })).toMatchObject({ code: "UNTRUSTED" });
    const changed = Buffer.from(`${readFileSync(source.release.manifestFile, "latin1")}\n`, "latin1").toString(
      "base64",
    );
    expect(verify({ signature, manifest: changed })).toMatchObject({ code: "UNTRUSTED" });
    expect(existsSync(link())).toBe(false);
    expect(verify({ signature })).toEqual({ changed: true });
  });

  it("refuses a manifest of another release, and one that leads out of it", () => {
    source.copyTo(host);
    expect(verify({ name: "web-2.0" })).toMatchObject({ code: "VERIFY_FAILED" });
    const head = `# rackcast manifest 1 ${source.release.infoHash} web-1.0\n`;
    for (const path of ["web-1.0/../../x", "/etc/passwd", "other/x", "web-1.0//x"]) {
      const manifest = Buffer.from(`${head}${"0".repeat(64)}  ${path}\n`).toString("base64");
      expect(verify({ manifest }), path).toMatchObject({ code: "VERIFY_FAILED" });
    }
  });

  it("leaves alone what is no link of its own", () => {
    source.copyTo(host);
    mkdirSync(link(), { recursive: true });
    expect(verify()).toMatchObject({ code: "VERIFY_FAILED", msg: expect.stringContaining("no symbolic link") });
    expect(lstatSync(link()).isDirectory()).toBe(true);
  });
});

describe("absent", () => {
  it("takes torrent and payload off, once, but never what is current", async () => {
    rtorrent = await host.start(PORT);
    source.copyTo(host);
    load();
    await download();
    verify();
    expect(remove()).toMatchObject({ failed: true, code: "REMOVE_FAILED" });
    expect(existsSync(join(host.releases, "web-1.0"))).toBe(true);
    rmSync(join(host.current, "web"));
    expect(remove({ _ansible_check_mode: true })).toEqual({ changed: true });
    expect(remove()).toEqual({ changed: true });
    expect(await download()).toBeUndefined();
    expect(readdirSync(host.releases)).toEqual([]);
    expect(remove()).toEqual({ changed: false });
    expect(load()).toMatchObject({ changed: true });
  });

  it("keeps the payload while the client is away, which would fetch it again", () => {
    source.copyTo(host);
    expect(remove()).toMatchObject({ code: "CLIENT_MISSING" });
    expect(existsSync(join(host.releases, "web-1.0"))).toBe(true);
  });
});

it("names every argument that is wrong", () => {
  const answer = run({ state: "loaded", name: "../x", info_hash: "12", torrent: "%", length_bytes: -1, colour: "red" });
  for (const name of ["name", "info_hash", "torrent", "length_bytes", "colour"])
    expect(answer["msg"]).toMatch(new RegExp(`(^|; )${name} `));
  expect(run({ state: "gone" })["msg"]).toContain("state must be one of loaded, verified, absent");
});
