// Ten minutes at 10,000 announces a second while the sink of accounting is away, by a clock of their own: what it takes, and whether anything is lost.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { OutageReport } from "../support/outage-run.ts";
import { print, whole } from "./tables.ts";

const PROGRAM = fileURLToPath(new URL("../support/outage-run.ts", import.meta.url));
const OPTIONS = ["--rate=10000", "--minutes=10", "--most=1000000"];

export async function printOutage(): Promise<void> {
  const args = ["--conditions=@rackcast/source", "--disable-warning=ExperimentalWarning", PROGRAM, ...OPTIONS];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { announces, seconds, waited, memory, moved, delivered, deltas } = JSON.parse(stdout) as OutageReport;
  console.log(
    "\nThe sink of accounting is away for ten minutes at 10,000 announces a second; 1,000,000 deltas may wait",
  );
  print(
    ["announces", "took s", "waited", "MiB when full", "MiB at most", "deltas delivered", "bytes moved", "bytes lost"],
    [
      [
        whole(announces),
        whole(seconds),
        whole(waited),
        whole(memory.fullMiB),
        whole(memory.peakMiB),
        whole(deltas),
        whole(moved.uploaded + moved.downloaded),
        whole(moved.uploaded + moved.downloaded - delivered.uploaded - delivered.downloaded),
      ],
    ],
  );
}
