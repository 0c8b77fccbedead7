// The command's plans: of racks by hand, and of hosts that a tracker locates.
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTrackerCommand, type TrackerCommand } from "../support/tracker-command.ts";
import { type Outcome, runCommand } from "./cli-process.ts";

const LINKS = ["--uplink-mbps", "1000", "--access-mbps", "1000"];
const MIB = 2 ** 20;

let folder: string;
let tracker: TrackerCommand;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rackcast-cli-plan-"));
  writeFileSync(join(folder, "racks"), "10.77.1.0/24 ams/rack1\n10.77.2.0/24 fra/rack2\n");
  writeFileSync(join(folder, "fleet"), "10.77.1.1\n10.77.1.2\n10.77.1.2\n10.77.2.1\n10.77.9.9\n");
  writeFileSync(join(folder, "app-1.0"), "");
  truncateSync(join(folder, "app-1.0"), 3 * MIB);
  const args = ["--data-dir", join(folder, "data"), "--topology-file", join(folder, "racks"), "--levels", "dc,rack"];
  tracker = await startTrackerCommand(args);
}, 30_000);
afterAll(async () => {
  await tracker.end("SIGTERM");
  rmSync(folder, { recursive: true });
});

function plan(...args: string[]): Promise<Outcome> {
  return runCommand(["plan", ...args], { cwd: folder, env: { RACKCAST_TRACKER: tracker.url } });
}

async function planned(...args: string[]): Promise<unknown> {
  return JSON.parse((await plan(...args, ...LINKS, "--json")).stdout) as unknown;
}

describe("rackcast plan", () => {
  it("takes racks by number or by name, and a path's size", async () => {
    expect(await planned("app-1.0", "--racks", "40", "--hosts", "30")).toMatchObject({
      payloadBytes: 3 * MIB,
      hosts: 1200,
    });
    const racks = [
      { name: "r1", hosts: 12, uplinkMbps: 1000 },
      { name: "r2", hosts: 3, uplinkMbps: 100 },
    ];
    expect(await planned("--size", "1GiB", "--racks", "r1=12,r2=3", "--uplink-mbps", "r2=100")).toMatchObject({
      racks,
    });
  });

  it("counts the hosts of a list where the tracker says they are, each once, and notes who is unknown", async () => {
    const located = await plan("--size", "1MiB", "--targets-file", "fleet", ...LINKS, "--json");
    expect(located.stderr).toMatch(/^Note: nobody knows the rack of 10\.77\.9\.9;/);
    const racks = [
      { name: "ams/rack1", hosts: 2 },
      { name: "fra/rack2", hosts: 1 },
      { name: expect.stringMatching(/unknown/), hosts: 1 },
    ];
    expect(JSON.parse(located.stdout)).toMatchObject({ racks });
  });

  it("knows the size of a transfer by its name", async () => {
    await runCommand(["publish", "app-1.0", "--tracker", tracker.url, "--name", "shop-1.0"], { cwd: folder });
    expect(await planned("shop-1.0", "--racks", "2", "--hosts", "2")).toMatchObject({ payloadBytes: 3 * MIB });
  });

  it("refuses what breaks the budget or the deadline with 1, and what is missing with 2", async () => {
    const fleet = ["--size", "4GiB", "--racks", "4", "--hosts", "9", ...LINKS];
    const over = await plan(...fleet, "--client-kib", "50000");
    expect(over).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/82 % of the uplink of rack1[\s\S]*--client-kib 18310/),
    });
    const slow = await plan(...fleet, "--deadline", "1m");
    expect(slow).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/rack1 would be complete after .* the deadline is 1 min/),
    });
    expect(slow.stdout).toMatch(/^All hosts are done after/m);
    expect(await plan("--size", "1GiB", ...LINKS)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--targets-file, or --racks"),
    });
    expect(await plan("--size", "1GiB", "--racks", "2", ...LINKS)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Give --hosts"),
    });
    expect(await plan(...fleet, "--uplink-mbps", "rack9=10")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("names rack9"),
    });
  });
});
