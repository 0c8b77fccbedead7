// What counting costs an announce in a whole tracker, sockets and all: processor time of the thread that answers, ACCOUNTING off and on in turns.
import { torrent } from "../integration/control-api-world.ts";
import { mainThreadSeconds, type PinnedServer, publish, runLoad, withPinnedServers } from "./pinned-servers.ts";
import { median, print } from "./tables.ts";
import { warmUp } from "./turns.ts";

type Load = readonly [file: string, options: Readonly<Record<string, string | number>>];

const RUNS = 7;
const BUDGET = "≤ 1.10";
/** Over UDP more come than any ledger takes, unless there is a rate. */
const LOADS: Readonly<Record<string, Load>> = {
  "HTTP, keep-alive": ["./http-load.ts", { seconds: 2, connections: 64, "keep-alive": "yes" }],
  "UDP, 10,000 a second": ["./udp-load.ts", { seconds: 2, rate: 10_000, "peer-id": "-lt0D80-" }],
};

export async function printCountedTrackers(): Promise<void> {
  const release = torrent("bench-1.0");
  const rows = await withPinnedServers(async (servers) => {
    const trackers = [await servers.startTracker(), await servers.startTracker({ ACCOUNTING: "true" })];
    for (const tracker of trackers) await publish(tracker, release);
    const measured: string[][] = [];
    for (const [name, [file, options]] of Object.entries(LOADS)) {
      const run = ({ port }: PinnedServer) => runLoad(file, { port, "info-hash": release.infoHash, ...options });
      for (const tracker of trackers) await warmUp(tracker, () => run(tracker));
      const costs: number[][] = [[], []];
      for (let turn = 0; turn < RUNS; turn++) {
        for (const [index, tracker] of trackers.entries()) costs[index]?.push(await costOf(tracker, run));
      }
      measured.push(rowOf(name, costs));
    }
    return measured;
  });
  console.log("\nAnnounces of a whole tracker, 2,000 hosts in 8 racks; µs of the thread that answers");
  print(["announces", "off", "on", "÷ off", "budget"], rows);
}

/** Microseconds an announce. */
async function costOf(tracker: PinnedServer, run: (tracker: PinnedServer) => Promise<unknown>): Promise<number> {
  const before = await mainThreadSeconds(tracker.child);
  const { answers } = (await run(tracker)) as { readonly answers: number };
  return (1e6 * ((await mainThreadSeconds(tracker.child)) - before)) / answers;
}

function rowOf(name: string, [off = [], on = []]: readonly number[][]): string[] {
  const ratios = on.map((cost, turn) => cost / (off[turn] ?? Number.NaN));
  return [name, median(off).toFixed(1), median(on).toFixed(1), median(ratios).toFixed(2), BUDGET];
}
