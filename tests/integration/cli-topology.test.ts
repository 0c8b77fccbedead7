// The command before a fleet of which the file and the server-management database do not say the same.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestSmdb, type TestSmdb } from "../support/reference-smdb.ts";
import { startTrackerCommand, type TrackerCommand } from "../support/tracker-command.ts";
import { type Outcome, runCommand } from "./cli-process.ts";

/** What the database says; the file says rack1 of the first. */
const CABINETS = { "10.77.1.5": "rack2", "10.77.2.1": "rack2", "10.77.2.2": "rack2", "10.77.3.1": "rack3" };
const CONTRADICTED = "10.77.1.5";
const ALONE = "10.77.3.1";
const UNKNOWN = "10.77.9.9";

let folder: string;
let smdb: TestSmdb;
let tracker: TrackerCommand;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rackcast-cli-topology-"));
  const hosts = Object.entries(CABINETS).map(([address, cabinet], index) => {
    return { name: `web${index}`, addresses: [address], cabinet };
  });
  smdb = await startTestSmdb(hosts);
  writeFileSync(join(folder, "racks"), `${CONTRADICTED} rack1\n10.77.1.6 rack1\n`);
  writeFileSync(join(folder, "fleet"), [...Object.keys(CABINETS), "10.77.1.6", UNKNOWN].join("\n"));
  const args = ["--data-dir", join(folder, "data"), "--topology-file", join(folder, "racks")];
  tracker = await startTrackerCommand(args, { SMDB_URL: smdb.url });
}, 30_000);
afterAll(async () => {
  await tracker.end("SIGTERM");
  await smdb.close();
  rmSync(folder, { recursive: true });
});

function topology(...args: string[]): Promise<Outcome> {
  return runCommand(["topology", ...args], { cwd: folder, env: { RACKCAST_TRACKER: tracker.url } });
}

async function printed(...args: string[]): Promise<unknown> {
  return JSON.parse((await topology(...args, "--json")).stdout) as unknown;
}

describe("rackcast topology resolve --all", () => {
  it("shows what the file and the database say, and which of them counts", async () => {
    const { code, stdout } = await topology("resolve", CONTRADICTED, ALONE, UNKNOWN, "--all");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^10\.77\.1\.5 +file +rack1 +yes .*\n +rest +rack2 +- /m);
    expect(stdout).toMatch(/^10\.77\.3\.1 +file +unknown.*\n +rest +rack3 +yes /m);
    expect(stdout).toMatch(/^10\.77\.9\.9 +file +unknown .*\n +rest +unknown /m);
  });
});

describe("rackcast topology check", () => {
  it("reports the contradiction, the unknown host and the rack with one host, and exits with 1", async () => {
    const { code, stdout, stderr } = await topology("check", "fleet");
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^rackcast: 3 findings\.\n/) });
    expect(stdout).toMatch(/^10\.77\.9\.9 +10\.77\.9\.9 +unknown$/m);
    expect(stdout).toMatch(/^10\.77\.1\.5 +10\.77\.1\.5 +file +rack1$/m);
    expect(stdout).toMatch(/^ +10\.77\.1\.5 +rest +rack2$/m);
    expect(stdout).toMatch(/^rack3 +10\.77\.3\.1$/m);
    expect(await printed("check", "fleet")).toMatchObject({ hosts: 6, racks: 3, unknown: [{ address: UNKNOWN }] });
  });

  it("reports that the database fails, with its URL and what it answers", async () => {
    writeFileSync(join(folder, "new"), "10.77.8.8\n");
    smdb.setFaults({ status: 503 });
    const { code, stdout } = await topology("check", "new");
    smdb.setFaults({});
    expect(code).toBe(1);
    expect(stdout).toContain(`${smdb.url}/servers/ipaddresses/10.77.8.8 answers with status 503`);
  });
});
