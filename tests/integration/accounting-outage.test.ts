// Ten minutes without a sink, by a clock of their own; `npm run bench outage` is the same at 10,000 announces a second.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import type { OutageReport } from "../support/outage-run.ts";

const PROGRAM = fileURLToPath(new URL("../support/outage-run.ts", import.meta.url));
const RATE = 250;
const MINUTES = 10;
const MOST_PENDING = 15_000;
const TIMEOUT_MS = 120_000;
/** What garbage may lie about. */
const SLACK_MIB = 80;

it(
  "loses nothing and stays within its memory while the sink is away for ten minutes, and more is moved than may wait",
  async () => {
    const args = ["--conditions=@rackcast/source", "--disable-warning=ExperimentalWarning", PROGRAM];
    const options = [`--rate=${RATE}`, `--minutes=${MINUTES}`, `--most=${MOST_PENDING}`];
    const { stdout } = await promisify(execFile)(process.execPath, [...args, ...options], { timeout: TIMEOUT_MS });
    const report = JSON.parse(stdout) as OutageReport;
    const { announces, seconds, memory, waited } = report;
    console.log(
      `${announces} announces in ${seconds.toFixed(0)} s, ${waited} deltas waited; memory ${memory.fullMiB.toFixed(0)} MiB when no more might wait, ${memory.peakMiB.toFixed(0)} MiB at most`,
    );
    expect(announces).toBeGreaterThanOrEqual(RATE * 60 * MINUTES);
    expect(report.delivered).toEqual(report.moved);
    expect(waited).toBe(MOST_PENDING);
    expect(report.toldSeconds).toBeGreaterThan(200);
    expect(memory.fullMiB).toBeGreaterThan(0);
    expect(memory.peakMiB - memory.fullMiB).toBeLessThan(SLACK_MIB);
  },
  TIMEOUT_MS,
);
