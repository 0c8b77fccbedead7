// What a deploy prints, at two widths, on and off a terminal; kept under deployer-cli/golden for people to look at.
import { join } from "node:path";
import pc from "picocolors";
import { describe, expect, it } from "vitest";
import type { HostFailureCode } from "../distribution/driver.ts";
import { createPaper } from "../output/paper.ts";
import { createTerminal } from "../output/terminal.ts";
import type { DeployReport } from "./deploy-report.ts";
import { pictureDeploy } from "./deploy-picture.ts";
import { summarizeDeploy } from "./deploy-summary.ts";
import { createDeployView } from "./deploy-view.ts";
import type { DistributionPicture } from "./distribution-run.ts";
import type { HostStanding, HostState } from "./host-board.ts";
import { describePlan } from "./dry-run.ts";

const GOLDEN = join(import.meta.dirname, "../../golden");
const PLAIN = pc.createColors(false);
const COLORED = pc.createColors(true);

const HOSTS = [1, 2, 3].flatMap((rack) => [1, 2, 3, 4].map((host) => ({ rack, host })));
const RACKS = new Map(HOSTS.map(({ rack, host }) => [`10.77.${rack}.${host}`, `ams1/rack${rack}`]));

function standing({ rack, host }: { rack: number; host: number }): HostStanding {
  const states: HostState[] = rack === 1 ? ["verified"] : rack === 2 ? ["complete", "downloading"] : ["downloading"];
  const isDown = rack === 3 && host === 4;
  const state = isDown ? "failed" : (states[host % states.length] ?? "waiting");
  const progress = state === "verified" || state === "complete" ? 1 : isDown ? 0 : 0.1 * rack + 0.07 * host;
  const code: HostFailureCode | undefined = isDown ? "UNREACHABLE" : undefined;
  const message = isDown
    ? "ssh: connect to host 10.77.3.4 port 22: No route to host; check that it runs, then deploy again"
    : undefined;
  const address = `10.77.${rack}.${host}`;
  return { host: { name: `r${rack}h${host}`, address }, state, progress, code, message, settledSeconds: undefined };
}

const PICTURE: DistributionPicture = {
  wave: { index: 2, label: "50%", hosts: [] },
  waveCount: 3,
  standings: HOSTS.map(standing),
  seconds: 72.4,
};

const REPORT: DeployReport = {
  command: "deploy",
  outcome: "failed",
  exitCode: 1,
  release: {
    name: "web-1.2.3",
    series: "web",
    infoHash: "0123456789abcdef0123456789abcdef01234567",
    lengthBytes: 268_435_456,
    fileCount: 1204,
  },
  startedAt: "2026-11-26T01:00:00.000Z",
  seconds: 131.25,
  via: "ansible",
  totals: { targets: 12, verified: 11, failed: 1, pending: 0 },
  waves: [
    { index: 1, share: "1", targets: 1, verified: 1, failed: 0, seconds: 14.2, state: "done" },
    { index: 2, share: "50%", targets: 5, verified: 5, failed: 0, seconds: 61, state: "done" },
    { index: 3, share: "100%", targets: 6, verified: 5, failed: 1, seconds: 56, state: "failed" },
  ],
  hosts: HOSTS.map(standing).map(({ host, code, message }) => ({
    name: host.name,
    address: host.address,
    rack: RACKS.get(host.address) ?? null,
    wave: 1,
    state: code === undefined ? "verified" : "failed",
    code: code ?? null,
    message: message ?? null,
    seconds: 1,
  })),
  removed: ["web-1.2.0"],
  next: "Mend the failed hosts, then run the same deploy again: hosts that have the release are left alone.",
};

describe("a deploy under way", () => {
  it.each([80, 200])("fits a terminal of %d columns", async (columns) => {
    const frame = { name: "web-1.2.3", racks: RACKS, columns };
    const plain = pictureDeploy(PICTURE, { ...frame, colors: PLAIN });
    expect(Math.max(...plain.split("\n").map((line) => line.length))).toBeLessThanOrEqual(columns);
    await expect(`${plain}\n`).toMatchFileSnapshot(join(GOLDEN, `deploy-${columns}.txt`));
    const colored = pictureDeploy(PICTURE, { ...frame, colors: COLORED });
    await expect(`${colored}\n`).toMatchFileSnapshot(join(GOLDEN, `deploy-${columns}-colors.txt`));
  });

  it("is a few lines in a log: each wave once, and each host that failed", async () => {
    const [stdout, stderr] = [
      createPaper({ columns: 80, isTTY: false, rows: 50 }),
      createPaper({ columns: 80, isTTY: false, rows: 50 }),
    ];
    const terminal = createTerminal(stdout, stderr, {});
    const view = createDeployView({ terminal, name: "web-1.2.3", racks: RACKS });
    view.show({ ...PICTURE, wave: { ...PICTURE.wave, index: 1, label: "1" }, seconds: 2 });
    view.show(PICTURE);
    view.show({ ...PICTURE, seconds: 73.4 });
    view.trackerAway();
    view.trackerAway();
    view.close();
    expect(stdout.written).toBe("");
    await expect(stderr.written).toMatchFileSnapshot(join(GOLDEN, "deploy-log.txt"));
  });

  it("leaves nothing of its picture on a terminal", () => {
    const stderr = createPaper({ columns: 80, isTTY: true, rows: 50 });
    const terminal = createTerminal(createPaper({ columns: 80, isTTY: true, rows: 50 }), stderr, {});
    const view = createDeployView({ terminal, name: "web-1.2.3", racks: RACKS });
    view.show(PICTURE);
    const shown = stderr.written.split("\n").length - 1;
    view.close();
    expect(stderr.written.endsWith(`\u001b[${shown}A\r\u001b[0J`)).toBe(true);
  });
});

describe("the end of a deploy", () => {
  it("is its waves and the hosts that failed, on and off a terminal", async () => {
    await expect(`${summarizeDeploy(REPORT, PLAIN)}\n`).toMatchFileSnapshot(join(GOLDEN, "deploy-summary.txt"));
    await expect(`${summarizeDeploy(REPORT, COLORED)}\n`).toMatchFileSnapshot(
      join(GOLDEN, "deploy-summary-colors.txt"),
    );
  });
});

describe("a dry run", () => {
  it("says what would be done, and how many hosts each wave has", async () => {
    const text = describePlan({
      release: { name: "web-1.2.3", series: "web", lengthBytes: 268_435_456, fileCount: 1204 },
      via: "ansible",
      origins: ["10.77.0.2"],
      waves: [
        { index: 1, share: "1", hosts: ["r1h1"] },
        { index: 2, share: "100%", hosts: HOSTS.slice(1).map(({ rack, host }) => `r${rack}h${host}`) },
      ],
      racks: { "ams1/rack1": 4, "ams1/rack2": 4, "ams1/rack3": 4 },
      transfer: null,
      removed: ["web-1.2.0"],
    });
    await expect(`${text}\n`).toMatchFileSnapshot(join(GOLDEN, "deploy-dry-run.txt"));
  });
});
