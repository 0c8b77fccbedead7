// Holds what the command does by itself: its arguments, its torrents, its errors and exit codes, with no tracker about.
import { generateKeyPairSync } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import bencode from "bencode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand, startCommand, type Outcome } from "./cli-process.ts";

let folder: string;
let nowhere: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rackcast-cli-"));
  chmodSync(folder, 0o755);
  nowhere = `http://127.0.0.1:${await freePort()}`;
  mkdirSync(join(folder, "app/bin"), { recursive: true });
  writeFileSync(join(folder, "app/bin/app"), "binary");
  writeFileSync(join(folder, "app/README"), "read me");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function rackcast(...args: string[]): Promise<Outcome> {
  return runCommand(args, { cwd: folder, env: { RACKCAST_TRACKER: nowhere } });
}

function hasOpen(pid: number | undefined, file: string): boolean {
  const descriptors = `/proc/${pid}/fd`;
  return readdirSync(descriptors).some((name) => {
    try {
      return readlinkSync(join(descriptors, name)) === file;
    } catch {
      return false; // Closed since.
    }
  });
}

/** What every failure has in common: nothing on stdout, few lines, no stack. */
function expectFailure(outcome: Outcome, code: number, message: RegExp): void {
  expect(outcome.stderr).toMatch(message);
  expect(outcome).toMatchObject({ code, stdout: "" });
  expect(outcome.stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(3);
  expect(outcome.stderr).not.toMatch(/^ +at /m);
}

describe("the command line", () => {
  it("prints the help of every command, and exits with 0", async () => {
    const { stdout, code } = await rackcast("--help");
    expect(code).toBe(0);
    const commands =
      "tracker build publish activate deactivate list status wait explain topology plan doctor config demo".split(" ");
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    expect(await rackcast("publish", "--help")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("--activate"),
    });
    expect(await rackcast("--version")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it.each([
    [["publsh", "app"], /unknown command 'publsh'[\s\S]*publish/],
    [["publish", "app", "--activte"], /unknown option '--activte'[\s\S]*--activate/],
    [["publish"], /missing required argument 'path'/],
    [["publish", "app", "--activate", "--origin", "10.0.0"], /--origin.*10\.0\.0.*IPv4 or IPv6/],
    [["publish", "app", "--origin", "10.0.0.1"], /need --activate/],
    [["publish", "app", "--tracker", "tracker:6969"], /--tracker.*Give a URL/],
    [["list", "--state", "done"], /--state.*Allowed choices are registered, active, inactive/],
    [["wait", "app", "--min", "200%"], /--min.*0% to 100%/],
    [["wait", "app", "--timeout", "soon"], /--timeout.*10m/],
    [["status", "--racks"], /name it: rackcast status/],
    [["status", "--traffic"], /name it: rackcast status/],
    [["build", "app", "--piece-length", "300000"], /power of two/],
    [["build", "app", "-o", "app/app.torrent"], /into the payload/],
    [["config", "render", "rtorrent", "--listen-port", "all"], /listenPort/],
  ])("refuses `rackcast %j` with exit code 2 and says what is right", async (args, message) => {
    const { code, stderr, stdout } = await rackcast(...args);
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it("tells where no tracker answers and how to start one, once it has tried for a moment", async () => {
    const message = new RegExp(`No tracker answers at ${nowhere} .*\\n.*rackcast tracker`);
    expectFailure(await rackcast("list"), 1, message);
    expectFailure(await rackcast("publish", "app"), 1, message);
  });

  it("prints the stack of a failure only with DEBUG", async () => {
    const { stderr } = await runCommand(["build", "gone"], { cwd: folder, env: { DEBUG: "1" } });
    expect(stderr).toMatch(/^ +at /m);
  });
});

describe("rackcast build", () => {
  it("writes the same torrent again and again, private and with its sums", async () => {
    const first = await rackcast("build", "app", "-o", "one.torrent", "--tracker", "http://10.0.0.1:6969", "--json");
    expect(first.code).toBe(0);
    await rackcast("build", "app", "-o", "two.torrent", "--tracker", "http://10.0.0.1:6969");
    const bytes = readFileSync(join(folder, "one.torrent"));
    expect(readFileSync(join(folder, "two.torrent"))).toEqual(bytes);
    expect(JSON.parse(first.stdout)).toMatchObject({
      file: "one.torrent",
      name: "app",
      announceUrl: "http://10.0.0.1:6969/announce",
      infoHash: expect.stringMatching(/^[0-9a-f]{40}$/),
      files: [{ path: "README", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }, { path: "bin/app" }],
    });
    expect(bencode.decode(bytes)).toMatchObject({ info: { private: 1 } });
  });

  it("names the torrent after the payload when told nothing else, and says what comes next", async () => {
    const { stdout, stderr } = await rackcast("build", "app", "--announce", "http://10.0.0.1/announce");
    expect(stdout).toMatch(/^file +app\.torrent$/m);
    expect(stderr).toBe("Next: rackcast publish app.torrent --activate\n");
  });

  it("refuses an empty folder, and a path that is not there", async () => {
    mkdirSync(join(folder, "empty"));
    expectFailure(await rackcast("build", "empty"), 1, /empty holds no files; give a path/);
    expectFailure(await rackcast("build", "gone"), 1, /gone does not exist/);
  });

  it("names the file that it may not read, before it reads any other", async () => {
    const secret = join(folder, "guarded/secret");
    mkdirSync(join(folder, "guarded"));
    writeFileSync(join(folder, "guarded/big"), Buffer.alloc(1024));
    writeFileSync(secret, "secret", { mode: 0o000 });
    const args = ["build", join(folder, "guarded"), "-o", "/dev/shm/never.torrent"];
    const outcome = await runCommand(args, { cwd: "/", asNobody: process.getuid?.() === 0 });
    expectFailure(outcome, 1, new RegExp(`Cannot read ${secret}: permission denied; .*chmod`));
  });

  it("builds what has line ends in its name, and shows such names as escapes", async () => {
    const name = "two\nlines\u001b[2J";
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "a\nfile"), "x");
    mkdirSync(join(folder, name, "an\nempty folder"));
    const { code, stdout, stderr } = await rackcast("build", name, "--announce", "http://10.0.0.1/announce", "--json");
    expect([code, stderr.trimEnd().split("\n").length]).toEqual([0, 1]);
    expect(JSON.parse(stdout)).toMatchObject({ name, files: [{ path: "a\nfile" }] });
    const shown = await rackcast("build", name, "--announce", "http://10.0.0.1/announce");
    expect(shown.stdout).toMatch(/^file {7}two\\nlines\\x1b\[2J\.torrent$/m);
    expect(shown.stdout + shown.stderr).not.toContain("\u001b");
    expectFailure(
      await rackcast("build", `${name}/gone\nagain`),
      1,
      /^rackcast: two\\nlines\\x1b\[2J\/gone\\nagain does not/,
    );
  });

  it("shows a name that is not UTF-8 without what would command the terminal, and refuses it", async () => {
    mkdirSync(join(folder, "foreign"));
    writeFileSync(Buffer.concat([Buffer.from(join(folder, "foreign/")), Buffer.from([0xe9, 0x9b, 0x0a])]), "x");
    expectFailure(await rackcast("build", "foreign"), 1, /The name "é\\x9b\\n" \(shown as Latin-1\).* rename it\.\n$/);
  });

  it("ends with 130 when interrupted, and leaves no torrent behind", async () => {
    const big = join(folder, "big");
    writeFileSync(big, "");
    truncateSync(big, 20 * 1024 ** 3);
    const building = startCommand(["build", "big", "-o", "big.torrent"], { cwd: folder });
    while (!hasOpen(building.process.pid, big)) await delay(20);
    building.process.kill("SIGINT");
    expectFailure(await building.outcome, 130, /^rackcast: Interrupted\.\n$/);
    expect(() => readFileSync(join(folder, "big.torrent"))).toThrow("ENOENT");
  });
});

describe("rackcast publish refuses before it asks any tracker", () => {
  const info = { name: "app", length: 3, "piece length": 65536, pieces: new Uint8Array(20) };

  it("a torrent that is corrupt, with the remedy", async () => {
    const sound = bencode.encode({ announce: "http://t/announce", info: { ...info, private: 1 } });
    writeFileSync(join(folder, "cut.torrent"), sound.subarray(0, -10));
    expectFailure(await rackcast("publish", "cut.torrent"), 1, /cut\.torrent is no sound torrent.*rackcast build/);
  });

  it("a public torrent, with the remedy", async () => {
    writeFileSync(join(folder, "public.torrent"), bencode.encode({ announce: "http://t/announce", info }));
    expectFailure(
      await rackcast("publish", "public.torrent"),
      1,
      /public\.torrent is a public torrent.*rackcast build/,
    );
  });

  it("an empty folder, a targets file with a line that is no address, and options that cannot change a torrent", async () => {
    mkdirSync(join(folder, "void"));
    expectFailure(await rackcast("publish", "void"), 1, /void holds no files/);
    writeFileSync(join(folder, "targets"), "10.0.0.1 # first\n\nrack7\n");
    const activate = ["publish", "app", "--activate", "--targets-file", "targets"];
    expectFailure(await rackcast(...activate), 2, /targets:3: "rack7" is no address/);
    expectFailure(await rackcast("publish", "cut.torrent", "--name", "other"), 2, /cannot change cut\.torrent/);
  });
});

describe("rackcast config render pull", () => {
  it("prints a script, or writes it ready to run, with units beside", async () => {
    const printed = await rackcast("config", "render", "pull", "--tracker", "http://a:1", "--tracker", "http://b:2/");
    expect(printed).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringContaining("'http://a:1' 'http://b:2'"),
    });
    const written = ["-o", "rackcast-pull", "--units", "units", "--every-seconds", "40"];
    expect(await rackcast("config", "render", "pull", "--tracker", "http://a:1", ...written)).toMatchObject({
      code: 0,
    });
    expect(statSync(join(folder, "rackcast-pull")).mode & 0o111).toBe(0o111);
    expect(readdirSync(join(folder, "units"))).toEqual([
      "rackcast-pull.cron",
      "rackcast-pull.service",
      "rackcast-pull.timer",
    ]);
    expect(readFileSync(join(folder, "units/rackcast-pull.timer"), "utf8")).toContain("OnUnitInactiveSec=40s");
  });

  it("takes a key from a file, and refuses without a tracker that hosts reach", async () => {
    const { publicKey } = generateKeyPairSync("ed25519");
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
    writeFileSync(join(folder, "key.pem"), pem);
    const render = ["config", "render", "pull", "--trust"];
    const { stdout } = await rackcast(...render, "key.pem", "--tracker", "http://a:1");
    expect(stdout).toContain(pem.trim());
    expectFailure(await runCommand([...render, "key.pem"], { cwd: folder }), 2, /trackers must be one or more URLs/);
    expectFailure(await rackcast(...render, "void.pem", "--tracker", "http://a:1"), 1, /void\.pem cannot be read/);
  });
});

describe("rackcast config render rtorrent", () => {
  it("prints a configuration from options and --set alike", async () => {
    const paths = [
      "--directory",
      "/srv/data",
      "--session-directory",
      "/srv/session",
      "--scgi-socket",
      "/run/rtorrent.sock",
    ];
    const flags = await rackcast("config", "render", "rtorrent", ...paths, "--listen-port", "6881");
    const sets = await rackcast("config", "render", "rtorrent", ...paths, "--set", "listenPort=6881");
    expect(flags).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("/run/rtorrent.sock") });
    expect(sets).toEqual(flags);
  });
});
