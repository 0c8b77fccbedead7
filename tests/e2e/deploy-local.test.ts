// `rackcast deploy --via local` as a user runs it: a real tracker, a real rtorrent, and the command as a process.
import { execFileSync } from "node:child_process";
import { appendFile, mkdir, mkdtemp, readdir, readFile, readlink, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RtorrentProcess, startRtorrent } from "@rackcast/deployer-cli/rtorrent";
import type { DeployReport } from "../../deployer-cli/src/deploy/deploy-report.ts";
import { type Outcome, runCommand, startCommand } from "../integration/cli-process.ts";
import { startTrackerCommand, type TrackerCommand, until } from "../support/tracker-command.ts";

const HOST = "127.0.1.1";
const ORIGIN = "127.0.0.1";
const SLOW_KIBPS = 2048;

let folder: string;
let tracker: TrackerCommand;
let rtorrent: RtorrentProcess;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rcl-"));
  await writeFile(join(folder, "racks"), "127.0.0.0/8 rack1\n");
  await writeFile(join(folder, "hosts"), `${HOST}\n`);
  const args = ["--data-dir", join(folder, "tracker"), "--topology-file", join(folder, "racks")];
  tracker = await startTrackerCommand(args, { API_TOKEN: "s3cret" });
  const settings = {
    directory: join(folder, "host/releases"),
    sessionDirectory: join(folder, "host/session"),
    scgiSocket: join(folder, "host/rpc.sock"),
    listenPort: { first: 6801, last: 6850 },
    bindAddress: HOST,
  };
  rtorrent = await startRtorrent({ settings, configFile: join(folder, "host/rtorrent.rc") });
});
afterAll(async () => {
  await rtorrent.kill();
  await tracker.end("SIGTERM");
  await rm(folder, { recursive: true, force: true });
});

async function payload(name: string, bytes: number): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  await writeFile(join(path, "small"), name);
  await writeFile(join(path, "big"), crypto.getRandomValues(Buffer.alloc(65_536)));
  await truncate(join(path, "big"), bytes);
  return path;
}

const surroundings = () => ({
  cwd: folder,
  env: { RACKCAST_TRACKER: tracker.url, RACKCAST_TOKEN: "s3cret", RACKCAST_STATE: join(folder, "state") },
});
const local = () => [
  "--via",
  "local",
  "--rtorrent-socket",
  rtorrent.control.socketPath,
  "--host-folder",
  join(folder, "host"),
];
const deployment = (path: string, ...more: string[]) => [
  "deploy",
  path,
  "--targets",
  "hosts",
  "--origin",
  ORIGIN,
  "--timeout",
  "60s",
  "--json",
  ...local(),
  ...more,
];

async function rackcast(args: readonly string[]): Promise<Outcome & { readonly report: DeployReport }> {
  const outcome = await runCommand(args, surroundings());
  return { ...outcome, report: outcome.stdout === "" ? undefined : JSON.parse(outcome.stdout) };
}

function current(): Promise<string> {
  return readlink(join(folder, "host/current/web"));
}

async function leftBehind(): Promise<string[]> {
  const states = await readdir(join(folder, "state")).catch(() => []);
  const seeders = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" }).split("\n");
  return [...states, ...seeders.filter((line) => line.includes(join(folder, "state")) && line.startsWith("rtorrent"))];
}

describe("a deploy on this machine", () => {
  it("brings a release, verifies it and makes it current; then the next one; then goes back", async () => {
    const first = await rackcast(deployment(await payload("web-1", 3_000_000), "--junit", "first.xml"));
    expect(first).toMatchObject({
      code: 0,
      report: { outcome: "done", totals: { targets: 1, verified: 1, failed: 0 } },
    });
    expect(first.report.hosts).toMatchObject([{ address: HOST, rack: "rack1", state: "verified", code: null }]);
    expect(await current()).toBe("../releases/web-1");
    expect(await readFile(join(folder, "host/current/web/small"), "utf8")).toBe("web-1");
    expect(await readFile(join(folder, "first.xml"), "utf8")).toMatch(/tests="1" failures="0"/);

    await payload("web-2", 2_000_000);
    const second = await rackcast(deployment("web-2", "--keep", "2"));
    expect(second).toMatchObject({ code: 0, report: { outcome: "done", removed: [] } });
    expect(await current()).toBe("../releases/web-2");

    const back = await rackcast(["rollback", "web-2", "--json", ...local()]);
    expect(back).toMatchObject({ code: 0, report: { outcome: "done", command: "rollback", removed: ["web-2"] } });
    expect(await current()).toBe("../releases/web-1");
    expect(await readdir(join(folder, "host/releases"))).toEqual(["web-1"]);
    expect(await leftBehind()).toEqual([]);
  });

  it("keeps the newest releases and takes the others off, whose names are free again", async () => {
    for (const name of ["web-3", "web-4"]) {
      expect(await rackcast(deployment(await payload(name, 100_000), "--keep", "2"))).toMatchObject({ code: 0 });
    }
    expect((await readdir(join(folder, "host/releases"))).toSorted()).toEqual(["web-3", "web-4"]);
    const { code, stdout } = await runCommand(["prune", "web", "--keep", "1", ...local()], surroundings());
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("web-3") });
    expect(await readdir(join(folder, "host/releases"))).toEqual(["web-4"]);
  });

  it("that is killed with -9 goes on where it was, with the one transfer", async () => {
    await payload("api-1", 12_000_000);
    await rtorrent.control.setLimits({ downloadKiBps: SLOW_KIBPS });
    const started = startCommand(deployment("api-1"), surroundings());
    await until("the host has begun", async () => (await rtorrent.control.list()).some(({ name }) => name === "api-1"));
    started.process.kill("SIGKILL");
    await started.outcome;
    await until("its seeder is gone", async () => (await leftBehind()).every((line) => !line.startsWith("rtorrent")));
    await rtorrent.control.setLimits({ downloadKiBps: 0 });
    const again = await rackcast(deployment("api-1"));
    expect(again).toMatchObject({ code: 0, report: { outcome: "done" } });
    const { stdout } = await runCommand(["list", "--json"], surroundings());
    const named = (JSON.parse(stdout) as { transfers: { name: string }[] }).transfers.filter(
      ({ name }) => name === "api-1",
    );
    expect(named).toHaveLength(1);
    expect(await leftBehind()).toEqual([]);
  });

  it("reports a file that is corrupt on disk, by host and name, and heals it when run again", async () => {
    await payload("db-1", 200_000);
    expect(await rackcast(deployment("db-1"))).toMatchObject({ code: 0 });
    await appendFile(join(folder, "host/releases/db-1/small"), "rot");
    await writeFile(join(folder, "host/releases/db-1/small"), "rotx");
    // Another release in between makes the first one be verified anew.
    await payload("db-2", 100_000);
    expect(await rackcast(deployment("db-2"))).toMatchObject({ code: 0 });
    const back = await rackcast(["rollback", "db-2", "--json", "--timeout", "30s", ...local()]);
    expect(back.report.hosts).toMatchObject([{ address: HOST, state: "failed", code: "CORRUPT" }]);
    expect(back).toMatchObject({ code: 1, stderr: expect.stringMatching(/db-1\/small/) });
    expect(await rackcast(deployment("db-1"))).toMatchObject({ code: 0, report: { outcome: "done" } });
    expect(await readFile(join(folder, "host/releases/db-1/small"), "utf8")).toBe("db-1");
  });

  it("refuses what is not signed with the key that hosts trust", async () => {
    for (const name of ["good", "bad"]) {
      execFileSync("openssl", ["genpkey", "-algorithm", "ed25519", "-out", join(folder, `${name}.pem`)]);
      const pub = ["pkey", "-in", join(folder, `${name}.pem`), "-pubout", "-out", join(folder, `${name}.pub`)];
      execFileSync("openssl", pub);
    }
    await payload("sec-1", 50_000);
    const trusted = ["--trust", "good.pub", "--sign-key"];
    expect(await rackcast(deployment("sec-1", ...trusted, "good.pem"))).toMatchObject({ code: 0 });
    await payload("sec-2", 50_000);
    const { code, report } = await rackcast(deployment("sec-2", ...trusted, "bad.pem"));
    expect({ code, host: report.hosts[0] }).toMatchObject({ code: 1, host: { code: "UNTRUSTED" } });
    await payload("sec-3", 50_000);
    const unsigned = await rackcast(deployment("sec-3", "--trust", "good.pub"));
    expect(unsigned).toMatchObject({ code: 1, stderr: expect.stringMatching(/sec-3 is not signed.*--sign-key/) });
    expect(await readlink(join(folder, "host/current/sec"))).toBe("../releases/sec-1");
  });

  it("says what a dry run would do, and does nothing of it", async () => {
    await payload("dry-1", 1000);
    const { code, stdout } = await runCommand(deployment("dry-1", "--dry-run"), surroundings());
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      release: { name: "dry-1", series: "dry" },
      racks: { rack1: 1 },
      transfer: null,
    });
    expect((await runCommand(["status", "dry-1"], surroundings())).code).toBe(1);
  });
});

describe("a deploy that cannot be", () => {
  it("ends in time with exit code 3 when nobody has the payload, and names the host", async () => {
    await payload("late-1", 100_000);
    const nobody = [
      "deploy",
      "late-1",
      "--targets",
      "hosts",
      "--origin",
      "192.0.2.1",
      "--timeout",
      "3s",
      "--json",
      ...local(),
    ];
    const { code, report } = await rackcast(nobody);
    expect({ code, outcome: report.outcome, host: report.hosts[0] }).toMatchObject({
      code: 3,
      outcome: "timed-out",
      host: { address: HOST, code: "TIMED_OUT" },
    });
  });

  it.each([
    ["a token that the tracker refuses", { RACKCAST_TOKEN: "wrong" }, [], 1, /token/i],
    ["a name that is no folder", {}, ["--name", "a b"], 2, /cannot name a release/],
    ["options of another driver", {}, ["--forks", "3"], 2, /--forks is for --via ansible/],
    ["waves that do not end with all", {}, ["--waves", "1,10%"], 2, /end with 100%/],
    ["a key that is none", {}, ["--sign-key", "hosts"], 2, /openssl genpkey/],
  ])("is refused with %s", async (_, env, more, code, message) => {
    const { env: usual, cwd } = surroundings();
    const outcome = await runCommand(deployment("web-1", ...more), { cwd, env: { ...usual, ...env } });
    expect(outcome).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(message) });
    expect(await leftBehind()).toEqual([]);
  });
});
