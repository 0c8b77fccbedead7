// Holds what the command does with a real tracker: one that it started itself, with hosts that announce from their own addresses.
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTrackerClient } from "../../deployer-cli/src/api/tracker-client.ts";
import { startTrackerCommand, type TrackerCommand } from "../support/tracker-command.ts";
import { runCommand, startCommand, type Outcome } from "./cli-process.ts";

const ORIGIN = "127.0.9.1";
const [FIRST, SECOND] = ["127.0.1.1", "127.0.2.1"];
const TOKEN = "s3cret";

const started: TrackerCommand[] = [];
let folder: string;
let open: TrackerCommand;
let guarded: TrackerCommand;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rackcast-cli-tracker-"));
  writeFileSync(join(folder, "racks"), "127.0.1.0/24 rack1\n127.0.2.0/24 rack2\n");
  payload("app-1.0", "one");
  open = await startTracker("open");
  guarded = await startTracker("guarded", { API_TOKEN: TOKEN });
});
afterAll(async () => {
  await Promise.all(started.map(async ({ end }) => end("SIGTERM")));
  rmSync(folder, { recursive: true, force: true });
});

function payload(name: string, content: string, inFolder = "."): string {
  const path = join(folder, inFolder, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "file"), content);
  return path;
}

async function startTracker(name: string, env: Record<string, string> = {}): Promise<TrackerCommand> {
  const args = ["--data-dir", join(folder, name), "--topology-file", join(folder, "racks")];
  const tracker = await startTrackerCommand(args, env);
  started.push(tracker);
  return tracker;
}

function rackcast(...args: string[]): Promise<Outcome> {
  return runCommand(args, { cwd: folder, env: { RACKCAST_TRACKER: open.url } });
}

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await rackcast(...args, "--json");
  expect({ code, stderr: stderr.replace(/^Note: .*\n/gm, "") }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** A host's client asks the tracker, from the host's own address. */
async function announce(infoHash: string, address: string, left: number, event = "started"): Promise<void> {
  const escaped = infoHash.replace(/../g, "%$&");
  const peerId = `-lt0D80-${address.replaceAll(".", "").padEnd(12, "x")}`;
  const port = 6881;
  const query = `info_hash=${escaped}&peer_id=${peerId}&port=${port}&uploaded=0&downloaded=0&left=${left}&compact=1&event=${event}`;
  const [response] = await once(get(`${open.url}/announce?${query}`, { localAddress: address }), "response");
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString("latin1")).toContain("8:interval");
}

describe("rackcast publish", () => {
  it("registers and activates a folder, says so, and may be repeated", async () => {
    const args = ["publish", "app-1.0", "--activate", "--origin", ORIGIN, "--target", FIRST, "--target", SECOND];
    const { code, stdout, stderr } = await rackcast(...args);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^Next: load http.*rackcast wait app-1\.0\n$/),
    });
    expect(stdout).toMatch(
      /^name +app-1\.0\ninfo-hash +[0-9a-f]{40}\nsize +3 B in 1 file\npieces +1 of 64 KiB\nstate +active\n$/,
    );
    expect(await json(...args)).toMatchObject({ state: "active", origins: [ORIGIN], targets: [FIRST, SECOND] });
    expect(await json("list")).toMatchObject({ transfers: [{ name: "app-1.0" }] });
  });

  it("registers a .torrent as it is, and only registers without --activate", async () => {
    payload("lib", "lib");
    await rackcast("build", "lib", "-o", "lib.torrent", "--announce", "http://tracker.example/announce");
    const { code, stdout, stderr } = await rackcast("publish", "lib.torrent");
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^state +registered$/m) });
    expect(stderr).toMatch(/announces to http:\/\/tracker\.example\/announce, not to/);
    expect(stderr).toMatch(/Next: rackcast activate lib --origin/);
  });

  it("refuses a name that other content has, with the remedy, and registers nothing", async () => {
    const other = payload("app-1.0", "other content", "elsewhere");
    const before = await json("list");
    const { code, stdout, stderr } = await rackcast("publish", other, "--activate");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/app-1\.0[\s\S]*\n.*rackcast deactivate.*--name/);
    expect(await json("list")).toEqual(before);
  });
});

describe("transfers by name and info-hash", () => {
  it("are activated and deactivated by either, again and again", async () => {
    const { infoHash } = await json("publish", payload("tool", "tool"));
    const prefix = String(infoHash).slice(0, 10);
    expect((await rackcast("activate", prefix, "--origin", ORIGIN)).stdout).toBe(
      `tool is active: origins ${ORIGIN}, targets not declared\n`,
    );
    expect(await json("activate", "tool", "--target", FIRST)).toMatchObject({ origins: [ORIGIN], targets: [FIRST] });
    expect(await rackcast("deactivate", "tool")).toMatchObject({ code: 0, stdout: "tool is inactive\n" });
    expect(await rackcast("deactivate", "tool")).toMatchObject({ code: 0, stdout: "tool is inactive\n" });
    expect((await rackcast("list", "--state", "inactive")).stdout).toMatch(/^tool +[0-9a-f]{40} +inactive/m);
  });

  it("are looked for by the nearest name when the name is wrong", async () => {
    const { code, stderr } = await rackcast("status", "app-1.O");
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/app-1\.O.*\nDid you mean app-1\.0\?\n$/),
    });
  });
});

describe("following a transfer", () => {
  let infoHash: string;
  beforeAll(async () => {
    const published = await json(
      "publish",
      "app-1.0",
      "--activate",
      "--origin",
      ORIGIN,
      "--target",
      FIRST,
      "--target",
      SECOND,
    );
    infoHash = String(published["infoHash"]);
    await announce(infoHash, ORIGIN, 0);
    await announce(infoHash, FIRST, 3);
  });

  it("shows racks and hosts", async () => {
    const { stdout, code } = await rackcast("status", "app-1.0", "--racks", "--hosts");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^targets +0 of 2 complete$/m);
    expect(stdout).toMatch(/^rack1 +1 +1 +0 +0 %$/m);
    expect(stdout).toMatch(new RegExp(`^${ORIGIN} .* origin `, "m"));
    expect(await json("status", "app-1.0")).toMatchObject({ infoHash, missingHosts: [FIRST, SECOND] });
  });

  it("says how the tracker would count what clients move, where it does not", async () => {
    const { code, stdout, stderr } = await rackcast("status", "app-1.0", "--traffic");
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: "", stderr: expect.stringMatching(/ACCOUNTING=true/) });
  });

  it("shows what hosts reported, those that are in no swarm among them", async () => {
    const { url } = open;
    const client = createTrackerClient({ url, token: undefined, signal: new AbortController().signal });
    await client.report(infoHash, FIRST, { state: "verified" });
    const report = { state: "failed", code: "DISK_FULL", message: "9 MiB are missing" } as const;
    expect(await client.report(infoHash, SECOND, report)).toMatchObject({ address: SECOND, ...report });
    const { stdout } = await rackcast("status", "app-1.0", "--hosts");
    expect(stdout).toMatch(/^reports +1 verified, 1 failed$/m);
    expect(stdout).toMatch(new RegExp(`^${FIRST} +rack1 .* verified$`, "m"));
    expect(stdout).toMatch(new RegExp(`^${SECOND} +- .* failed: 9 MiB are missing$`, "m"));
    await client.activate(infoHash, { renew: true });
    expect((await client.show(infoHash)).reports).toEqual([]);
  });

  it("explains whom a host is told of", async () => {
    const { stdout, code } = await rackcast("explain", "app-1.0", FIRST);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${FIRST} in rack1, `));
    expect((await rackcast("explain", "app-1.0", "127.0.3.3")).code).toBe(1);
  });

  it("waits in vain no longer than told, exits with 3 and names who is missing", async () => {
    const { code, stderr } = await rackcast("wait", "app-1.0", "--timeout", "1s");
    expect(code).toBe(3);
    expect(stderr).toMatch(
      new RegExp(`Timed out after 1\\.0 s: 0 of 2 hosts have app-1\\.0.*\\nMissing: ${FIRST} ${SECOND}\\n$`, "s"),
    );
  });

  it("watches every change, waits until enough hosts are done, and ends when interrupted", async () => {
    const watching = startCommand(["status", "app-1.0", "--watch", "--interval", "100ms"], {
      env: { RACKCAST_TRACKER: open.url },
    });
    const waiting = rackcast("wait", "app-1.0", "--min", "50%", "--timeout", "30s");
    await once(watching.process.stdout!, "data");
    await announce(infoHash, FIRST, 0, "completed");

    expect(await waiting).toMatchObject({ code: 0, stdout: expect.stringMatching(/^app-1\.0: 1 of 2 hosts complete/) });
    await delay(500);
    watching.process.kill("SIGINT");
    const watched = await watching.outcome;
    expect(watched).toMatchObject({ code: 130, stderr: "rackcast: Interrupted.\n" });
    const lines = watched.stdout.trimEnd().split("\n");
    expect(lines).toEqual([
      expect.stringContaining("1 seeder, 1 leecher"),
      expect.stringContaining("2 seeders, 0 leechers"),
    ]);

    await announce(infoHash, SECOND, 0);
    expect((await rackcast("wait", "app-1.0", "--timeout", "5s")).stdout).toMatch(/2 of 2 hosts complete/);
  });
});

describe("rackcast topology resolve", () => {
  it("shows the rack of each address, and how an unknown one is counted", async () => {
    const { stdout, code } = await rackcast("topology", "resolve", FIRST, "192.0.2.1");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^127\.0\.1\.1 +rack1 +rack1 +\S+/m);
    expect(stdout).toMatch(/^192\.0\.2\.1 +unknown +unknown/m);
  });
});

describe("rackcast topology with a chain", () => {
  let chained: TrackerCommand;
  beforeAll(async () => {
    chained = await startTracker("chained", {
      RESOLVERS: "[{type: subnet, prefixes: {127.0.1.0/25: other, 127.0.2.0/24: rack2, 127.0.3.0/24: rack3}}]",
    });
  });
  const ask = (...args: string[]) =>
    runCommand(["topology", ...args], { cwd: folder, env: { RACKCAST_TRACKER: chained.url } });

  it("shows what every resolver says", async () => {
    const { stdout, code } = await ask("resolve", FIRST, "--all");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^127\.0\.1\.1 +file +rack1 +yes .*\n +subnet +other +- /m);
    const { addresses } = JSON.parse((await ask("resolve", FIRST, "--all", "--json")).stdout) as {
      addresses: object[];
    };
    expect(addresses).toMatchObject([{ resolvers: [{ resolver: "file" }, { resolver: "subnet", path: ["other"] }] }]);
  });

  it("checks a list of hosts and exits with 1 when something is wrong", async () => {
    writeFileSync(join(folder, "fleet.csv"), "host,role\n127.0.1.1,web\n127.0.2.1,db\n127.0.2.2,db\n192.0.2.9,old\n");
    const { code, stdout, stderr } = await ask("check", "fleet.csv");
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^rackcast: 3 findings\.\n.*--all\n$/) });
    expect(stdout).toMatch(/^192\.0\.2\.9 +192\.0\.2\.9 +unknown$/m);
    expect(stdout).toMatch(/^127\.0\.1\.1 +127\.0\.1\.1 +file +rack1$/m);
    expect(stdout).toMatch(/^rack1 +127\.0\.1\.1$/m);
    const json = JSON.parse((await ask("check", "fleet.csv", "--json")).stdout) as object;
    expect(json).toMatchObject({ hosts: 4, racks: 2, unknown: [{ address: "192.0.2.9", countedAs: "unknown" }] });
  });

  it("checks a list without fault, names among it, and exits with 0", async () => {
    writeFileSync(join(folder, "sound"), "# databases\n127.0.2.1\n127.0.2.2\n127.0.3.1\n127.0.3.2\n");
    expect(await ask("check", "sound")).toEqual({
      code: 0,
      stdout: "Checked 4 hosts in 2 racks: nothing to complain of\n",
      stderr: "",
    });
    writeFileSync(join(folder, "named"), "localhost\nno-such-host.invalid\n");
    expect((await ask("check", "named")).stdout).toMatch(/^no-such-host\.invalid +2 +\S/m);
  });

  it("refuses what is no list of hosts with exit code 2", async () => {
    writeFileSync(join(folder, "nonsense"), "127.0.2.1\nhttp://web1/\n");
    expect(await ask("check", "nonsense")).toMatchObject({ code: 2, stderr: expect.stringMatching(/nonsense:2: /) });
    expect((await ask("check")).code).toBe(2);
  });
});

describe("rackcast ban", () => {
  it("bans a transfer by name, a range, an address and a client, lists them and lifts them again", async () => {
    const infoHash = String((await json("publish", payload("unwanted", "unwanted")))["infoHash"]);
    const bans = [
      { what: ["unwanted"], kind: "info-hash", value: infoHash },
      { what: ["10.1.0.0/16"], kind: "cidr", value: "10.1.0.0/16" },
      { what: ["2001:DB8::7"], kind: "cidr", value: "2001:db8::7/128" },
      { what: ["--client", "-XL%0A"], kind: "client", value: "-XL%0a" },
    ];
    for (const { what, kind, value } of bans) {
      const stdout = `${kind} ${value} is banned: gone\n`;
      expect(await rackcast("ban", "add", ...what, "--reason", "gone")).toEqual({ code: 0, stdout, stderr: "" });
    }
    const subjects = bans.map(({ kind, value }) => ({ kind, value, reason: "gone", source: "api" }));
    expect(await json("ban", "list")).toMatchObject({ bans: subjects });
    expect((await rackcast("ban", "list")).stdout).toMatch(/^cidr +10\.1\.0\.0\/16 +\S.* api +gone$/m);
    expect(await json("ban", "add", "10.1.0.0/16")).toMatchObject({ reason: "by the operator of this tracker" });
    for (const { what } of bans)
      expect(await rackcast("ban", "remove", ...what)).toMatchObject({ code: 0, stderr: "" });
    expect(await json("ban", "remove", infoHash)).toEqual({ kind: "info-hash", value: infoHash, banned: false });
    expect(await rackcast("ban", "list")).toMatchObject({ code: 0, stdout: "", stderr: "No bans.\n" });
  });

  it.each([
    [["10.1.0.1/16"], 1, /has bits set beyond its length 16; write 10\.1\.0\.0\/16, or 10\.1\.0\.1 for one host/],
    [["--client", "x".repeat(21)], 1, /write 1 to 20 bytes of a peer id/],
    [["no-such-transfer"], 1, /No transfer is named no-such-transfer/],
    [["10.0.0.1", "--client", "-XL"], 2, /Name one thing/],
  ])("of %j is refused with the remedy", async (what, code, message) => {
    expect(await rackcast("ban", "add", ...what)).toEqual({ code, stdout: "", stderr: expect.stringMatching(message) });
  });

  it("tells where a ban of the ban file is lifted", async () => {
    writeFileSync(join(folder, "bans"), "client -XL from the file\n");
    const filed = await startTracker("filed", { BAN_FILE: join(folder, "bans") });
    const env = { RACKCAST_TRACKER: filed.url };
    expect((await runCommand(["ban", "list"], { env })).stdout).toMatch(/^client +-XL +\S.* file +from the file$/m);
    const { code, stderr } = await runCommand(["ban", "remove", "--client", "-XL"], { env });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/line 1 of \S+bans; edit that line/) });
  });
});

describe("a tracker with a token", () => {
  const list = (token?: string) =>
    runCommand(["list", "--tracker", guarded.url], { env: token === undefined ? {} : { RACKCAST_TOKEN: token } });

  it("serves the command that has it", async () => {
    expect(await list(TOKEN)).toMatchObject({ code: 0, stderr: "No transfers.\n" });
  });

  it.each([undefined, "wrong"])("refuses token %s, and the command names the variable to set", async (token) => {
    expect(await list(token)).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/RACKCAST_TOKEN/) });
  });
});

describe("rackcast tracker", () => {
  it("is the tracker itself: a signal ends it, and it comes back with its transfers", async () => {
    const first = await startTracker("restarted");
    const env = { RACKCAST_TRACKER: first.url };
    await runCommand(["publish", join(folder, "app-1.0")], { env });
    first.command.process.kill("SIGTERM");
    expect((await first.command.outcome).code).toBe(0);
    const second = await startTracker("restarted");
    const listed = await runCommand(["list"], { env: { RACKCAST_TRACKER: second.url } });
    second.command.process.kill("SIGTERM");
    await second.command.outcome;
    expect(listed.stdout).toMatch(/^app-1\.0 /m);
  });

  it("tells of an option it does not know", async () => {
    const { code, stderr } = await runCommand(["tracker", "--prot", "6969"]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/--prot/);
  });
});
