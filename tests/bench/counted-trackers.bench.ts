// What counting costs an announce in a whole tracker, sockets and all: processor time of the thread that answers, ACCOUNTING off and on in turns.
import { torrent } from "../integration/control-api-world.ts";
import { mainThreadSeconds, type PinnedServer, publish, runLoad, withPinnedServers } from "./pinned-servers.ts";
import { median, print } from "./tables.ts";
import { warmUp } from "./turns.ts";

type Load = readonly [file: string, options: Readonly<Record<string, string | number>>];

/** Two processes of one and the same tracker differ by up to a tenth, by what was compiled how: one pair would tell nothing. */
const PAIRS = 5;
const TURNS = 3;
const BUDGET = "≤ 1.10";
/**
 * Both get as many a second: at full speed the load generator would sleep more beside the slower one, and the writes of that would wake it up more
 * often, which is what costs most here.
 */
const RATE = 10_000;
const LOADS: Readonly<Record<string, Load>> = {
  "HTTP, keep-alive": ["./http-load.ts", { seconds: 2, connections: 64, "keep-alive": "yes", rate: RATE }],
  UDP: ["./udp-load.ts", { seconds: 2, "peer-id": "-lt0D80-", rate: RATE }],
};

/** Microseconds an announce, of each pair. */
interface Costs {
  readonly off: number[];
  readonly on: number[];
}

export async function printCountedTrackers(): Promise<void> {
  const rows: string[][] = [];
  for (const [name, load] of Object.entries(LOADS)) {
    const costs: Costs = { off: [], on: [] };
    for (let pair = 0; pair < PAIRS; pair++) await measurePair(load, costs);
    rows.push([name, ...columnsOf(costs)]);
  }
  console.log(
    `\n${RATE} announces a second of a whole tracker, 2,000 hosts in 8 racks; µs of the thread that answers; ${PAIRS} pairs of processes`,
  );
  print(["announces", "off", "on", "÷ off (least–most)", "budget"], rows);
}

async function measurePair([file, options]: Load, costs: Costs): Promise<void> {
  const release = torrent("bench-1.0");
  await withPinnedServers(async (servers) => {
    const [off, on] = [await servers.startTracker(), await servers.startTracker({ ACCOUNTING: "true" })];
    const run = ({ port }: PinnedServer) => runLoad(file, { port, "info-hash": release.infoHash, ...options });
    for (const tracker of [off, on]) {
      await publish(tracker, release);
      await warmUp(tracker, () => run(tracker));
    }
    const turns: Costs = { off: [], on: [] };
    for (let turn = 0; turn < TURNS; turn++) {
      turns.off.push(await costOf(off, run));
      turns.on.push(await costOf(on, run));
    }
    costs.off.push(median(turns.off));
    costs.on.push(median(turns.on));
  });
}

async function costOf(tracker: PinnedServer, run: (tracker: PinnedServer) => Promise<unknown>): Promise<number> {
  const before = await mainThreadSeconds(tracker.child);
  const { answers } = (await run(tracker)) as { readonly answers: number };
  return (1e6 * ((await mainThreadSeconds(tracker.child)) - before)) / answers;
}

function columnsOf({ off, on }: Costs): string[] {
  const ratios = on.map((cost, pair) => cost / (off[pair] ?? Number.NaN)).toSorted((one, other) => one - other);
  const range = `${ratios.at(0)?.toFixed(2)}–${ratios.at(-1)?.toFixed(2)}`;
  return [median(off).toFixed(1), median(on).toFixed(1), `${median(ratios).toFixed(2)} (${range})`, BUDGET];
}
