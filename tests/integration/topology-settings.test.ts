// The chain of resolvers as an operator sets it up: what is refused at the start, what a reload keeps, and what is never shown.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestSmdb, type TestSmdb } from "../support/reference-smdb.ts";
import { startTrackerCommand, type TrackerCommand } from "../support/tracker-command.ts";
import { type Outcome, runCommand } from "./cli-process.ts";

const TOKEN = "t0p-s3cret";

let folder: string;
let smdb: TestSmdb | undefined;
let tracker: TrackerCommand | undefined;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "rackcast-topology-settings-"))));
afterEach(async () => {
  await tracker?.end("SIGTERM");
  await smdb?.close();
  tracker = smdb = undefined;
  rmSync(folder, { recursive: true });
});

async function start(env: Record<string, string>): Promise<TrackerCommand> {
  tracker = await startTrackerCommand(["--data-dir", join(folder, "data")], env);
  return tracker;
}

/** Where an address is, and who says so. */
async function placed(address: string): Promise<string> {
  const answer = await fetch(`${tracker?.url}/topology/${address}`);
  const { path, resolver } = (await answer.json()) as { path: readonly string[] | null; resolver: string | null };
  return `${path?.join("/")} by ${resolver}`;
}

function written(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

describe("SMDB_URL and RESOLVERS", () => {
  it("together are one chain, the service first, and a second service keeps a name of its own", async () => {
    smdb = await startTestSmdb([{ name: "web1", addresses: ["10.77.1.5"], dc: "ams1", cabinet: "rack1" }]);
    const whole = { type: "subnet", prefixes: { "10.77.0.0/16": "rest" } };
    const datacenters = { type: "rest", url: smdb.url, levels: { rack: "/dc" } };
    const chain = [{ type: "subnet", name: "plan", prefixes: { "10.78.0.0/16": "rack8" } }, datacenters, whole];
    await start({ SMDB_URL: smdb.url, RESOLVERS: JSON.stringify(chain) });
    expect(await Promise.all(["10.77.1.5", "10.78.0.1", "10.77.9.9", "192.0.2.1"].map(placed))).toEqual([
      "rack1 by rest",
      "rack8 by plan",
      "rest by subnet",
      "undefined by null",
    ]);
    const all = await fetch(`${tracker?.url}/topology/10.77.1.5?all=true`);
    expect(await all.json()).toMatchObject({
      resolvers: [
        { resolver: "rest", path: ["rack1"] },
        { resolver: "plan", path: null },
        { resolver: "rest-2", path: ["ams1"] },
        { resolver: "subnet", path: ["rest"] },
      ],
    });
  });
});

describe("--print-config", () => {
  it("shows the chain without the tokens and passwords in it", async () => {
    const rest = { type: "rest", url: "https://smdb.example", connections: 4 };
    const chain = [
      { ...rest, token: TOKEN },
      { ...rest, username: "me", password: TOKEN },
      { ...rest, headers: { "X-Api-Key": TOKEN } },
    ];
    const yaml = written("rackcast.yaml", JSON.stringify({ RESOLVERS: chain }));
    const ways: [string[], Record<string, string>][] = [
      [[], { RESOLVERS: JSON.stringify(chain) }],
      [["--resolvers", JSON.stringify(chain)], {}],
      [["--config", yaml], {}],
    ];
    for (const [args, env] of ways) {
      const { code, stdout, stderr } = await runCommand(["tracker", "--print-config", ...args], { env });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain("https://smdb.example");
      expect(stdout).not.toContain(TOKEN);
    }
  });
});

describe("a tracker with settings for its topology that are at fault", () => {
  const refusal = async (env: Record<string, string>): Promise<Outcome> => {
    const outcome = await runCommand(["tracker", "--port", "0", "--data-dir", join(folder, "data")], { env });
    expect(outcome.stdout).toBe("");
    expect(outcome.stderr).not.toMatch(new RegExp(`${TOKEN}|^ +at `, "m"));
    return outcome;
  };

  it.each([
    ["smdb.example:8080", "is no URL of a service; write it like https://smdb.example"],
    ["ftp://smdb.example", "is no URL of a service; write it like https://smdb.example"],
    [`https://me:${TOKEN}@smdb.example`, "holds a user or a password; use RESOLVERS with a definition of type rest"],
  ])("is refused SMDB_URL=%s with the remedy", async (url, problem) => {
    const { code, stderr } = await refusal({ SMDB_URL: url });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`  SMDB_URL: ${problem}`) });
  });

  it("is told of all that is wrong with two definitions, at once", async () => {
    const chain = [
      { type: "rest", urls: "https://smdb.example", token: TOKEN, connections: 0 },
      { type: "subnet", prefixes: { "10.0.0.0/8": "rack1" } },
      { type: "comand", command: ["x"] },
      { type: "command", command: [] },
    ];
    const { code, stderr } = await refusal({ RESOLVERS: JSON.stringify(chain) });
    expect(code).toBe(2);
    expect(stderr.trimEnd().split("\n").slice(1).sort()).toEqual([
      expect.stringMatching(/^ {2}RESOLVERS\[0\]\.connections: /),
      expect.stringMatching(/^ {2}RESOLVERS\[0\]\.url: /),
      expect.stringMatching(/^ {2}RESOLVERS\[0\]\.urls: .*url/),
      expect.stringMatching(/^ {2}RESOLVERS\[2\]\.type: .*is command meant\?$/),
      expect.stringMatching(/^ {2}RESOLVERS\[3\]\.command: /),
    ]);
  });

  it("is told of a template for another depth and of a file's line, of two definitions at once", async () => {
    const file = written("racks", "# racks\n10.0.0.0/8 ams1/rack1\n");
    const chain = [
      { type: "file", file },
      { type: "subnet", prefixes: { "10.0.0.0/8": "row{3}/rack{9}" } },
    ];
    const { code, stderr } = await refusal({ RESOLVERS: JSON.stringify(chain), LEVELS: "row,rack", TOPOLOGY_FILE: "" });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ {2}RESOLVERS\[1\]\.prefixes: "row\{3\}\/rack\{9\}": /m);
    const deep = await refusal({ RESOLVERS: JSON.stringify(chain), LEVELS: "rack" });
    expect(deep.stderr).toMatch(/racks:2: "ams1\/rack1": has 2 levels where 1 level must be; /);
    expect(deep.stderr).toMatch(/^ {2}RESOLVERS\[1\]\.prefixes: /m);
  });
});

describe("SIGHUP", () => {
  it("keeps what a file of the chain said when that is broken, says file and line, and reads the others", async () => {
    const first = written("first.txt", "10.0.1.0/24 rack1\n");
    const second = written("second.csv", "address,rack\n10.0.2.0/24,rack2\n");
    const chain = [
      { type: "file", file: first },
      { type: "file", file: second },
    ];
    const { command, end } = await start({ RESOLVERS: JSON.stringify(chain) });
    expect(await Promise.all(["10.0.1.1", "10.0.2.1"].map(placed))).toEqual(["rack1 by file", "rack2 by file-2"]);
    written("first.txt", "10.0.1.0/24 rack9\n10.0.1.300/24 rack1\n");
    written("second.csv", "address,rack\n10.0.2.0/24,rack22\n");
    command.process.kill("SIGHUP");
    await expect.poll(() => placed("10.0.2.1"), { timeout: 10_000 }).toBe("rack22 by file-2");
    expect(await placed("10.0.1.1")).toBe("rack1 by file");
    await end("SIGTERM");
    const logged = (await command.outcome).stderr.split("\n").find((line) => line.includes("topology refused"));
    expect(JSON.parse(logged ?? "{}")).toMatchObject({
      level: 50,
      resolver: "file",
      source: first,
      err: { message: expect.stringContaining('first.txt:2: "10.0.1.300/24": ') },
    });
  });
});
