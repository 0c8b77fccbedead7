// `rackcast config`: what it renders is sound to its own check, and the check's ways to say so.
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCommand } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "rackcast-cli-config-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function config(...args: string[]) {
  return runCommand(["config", ...args], { cwd: folder });
}

const STORAGE = ["--directory", "/srv/payloads", "--listen-port", "6890"];
const RTORRENT = [...STORAGE, "--session-directory", "/srv/session", "--scgi-socket", "/run/rt/rpc.sock"];

describe("rackcast config render", () => {
  it.each([
    ["rtorrent", "rtorrent.rc", RTORRENT],
    ["rtorrent", "new.rc", [...RTORRENT, "--version", "0.16"]],
    ["transmission", "settings.json", [...STORAGE, "--rpc-port", "9091"]],
    ["aria2", "aria2.conf", [...STORAGE, "--rpc-port", "6800", "--rpc-secret", "0123456789abcdef"]],
    ["qbittorrent", "qBittorrent.conf", [...STORAGE, "--web-port", "8080"]],
  ])("%s is written to %s, clean to config lint", async (client, file, settings) => {
    expect(await config("render", client, ...settings, "-o", file)).toMatchObject({ code: 0, stdout: "" });
    const version = settings.includes("0.16") ? ["--rtorrent-version", "0.16"] : [];
    const outcome = await config("lint", file, ...version, "--strict");
    expect(outcome).toEqual({ code: 0, stdout: "", stderr: `${file}: nothing to complain of, for ${client}\n` });
    expect(statSync(join(folder, file)).mode & 0o077).toBe(settings.includes("--rpc-secret") ? 0 : 0o044);
  });

  it("systemd prints a unit for the client that is named, and says which there are", async () => {
    const place = ["--directory", "/srv/payloads", "--state-directory", "/srv/state", "--config-file", "/etc/rt.rc"];
    const { code, stdout } = await config("render", "systemd", "--client", "rtorrent", ...place);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("import=/etc/rt.rc\n") });
    const unknown = await config("render", "systemd", "--client", "deluge", ...place);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringMatching(/client must be rtorrent, transmission/) });
  });
});

describe("rackcast config lint", () => {
  writeFileSync(join(folder, "bad.rc"), "# mine\npeer_exchange = no\nexecute = true\n");

  it("names file, line, severity, rule, why and what to write, and exits with 1", async () => {
    const { code, stdout, stderr } = await config("lint", "bad.rc");
    expect(code).toBe(1);
    expect(stdout.split("\n")[0]).toBe(
      "bad.rc:2: error renamed-command: peer_exchange is called protocol.pex.set in rtorrent 0.9.8 (the client does not start with a name that it had in another version); write: protocol.pex.set = no",
    );
    expect(stdout).toMatch(/^bad\.rc:3: warning execute: /m);
    expect(stdout).toMatch(/^bad\.rc:3: error announce-missing: .*; write: schedule2 = rackcast_announce, 2, 2, /m);
    expect(stderr).toMatch(/^rackcast: bad\.rc: 4 errors and 1 warning\.\n/);
  });

  it("prints the same as JSON", async () => {
    const { code, stdout } = await config("lint", "bad.rc", "--json", "--rtorrent-version", "0.16");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      file: "bad.rc",
      client: "rtorrent",
      rtorrentVersion: "0.16",
      findings: [{ line: 2, rule: "renamed-command", severity: "error" }, {}, {}, {}, {}],
    });
  });

  it("exits with 0 for warnings alone, and with 1 when it is strict", async () => {
    const sound = (await config("render", "rtorrent", ...RTORRENT)).stdout;
    writeFileSync(join(folder, "warned.rc"), `${sound}execute = true\n`);
    expect(await config("lint", "warned.rc")).toMatchObject({ code: 0, stderr: "" });
    expect(await config("lint", "warned.rc", "--strict")).toMatchObject({ code: 1 });
  });

  it("asks for the client where neither name nor content tells, and names a file that is not there", async () => {
    writeFileSync(join(folder, "what"), "?\n");
    const unknown = await config("lint", "what");
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("give --client rtorrent|") });
    expect(await config("lint", "nowhere.rc")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("nowhere.rc"),
    });
  });
});
