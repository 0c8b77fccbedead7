// How many announces a second trackers answer over UDP, taking turns; each has one core, the load generator another.
import { torrent } from "../integration/control-api-world.ts";
import { type PinnedServer, publish, runLoad, withPinnedServers } from "./pinned-servers.ts";
import { median, percent, print, whole } from "./tables.ts";
import { type Contestant, contestant, ratioColumns, ratios, takeTurn, warmUp } from "./turns.ts";
import type { UdpReport } from "./udp-load.ts";

interface UdpContestant extends Contestant<UdpReport> {
  readonly atRate: UdpReport[];
}

type Load = Readonly<Record<string, string | number>>;

const RUNS = 5;
const SECONDS = 2;
/** Announces a second that all but npm's can do: for latencies. */
const MODERATE_RATE = 5_000;
const BUDGET = 1.6;
const [OURS, OPENTRACKER, NPM] = ["rackcast", "opentracker", "bittorrent-tracker (npm)"];

export async function printUdp(): Promise<void> {
  await printClients("prompt clients (libtorrent-rasterbar)", "-LT2080-");
  await printClients("clients with late HAVE (rtorrent)", "-lt0D80-");
}

async function printClients(clients: string, prefix: string): Promise<void> {
  const contestants = await measure(prefix);
  console.log(`\nUDP announces, numwant 50, 2,000 hosts in 8 racks, 3 of 10 seed: ${clients}`);
  const columns = ["a second", "a second of its processor time", ...ratioColumns(OPENTRACKER), ...ratioColumns("npm")];
  const rest = ["budget", "bytes a reply", "p50 ms", "p99 ms", "lost", "load generator idle"];
  print(
    ["tracker", ...columns, ...rest],
    contestants.map((row) => rowOf(row, contestants)),
  );
  console.log(
    `Latencies at ${whole(MODERATE_RATE)} a second. opentracker and npm hand out any peers; rackcast's policy those of the rack, each pair once.`,
  );
}

/** Every one has a swarm of its own; without opentracker when it is not installed. */
async function measure(prefix: string): Promise<UdpContestant[]> {
  const release = torrent("bench-1.0");
  return withPinnedServers(async (servers) => {
    const ours = await servers.startTracker();
    const dgram = await servers.startTracker({ UDP_SOCKET: "dgram" });
    for (const server of [ours, dgram]) await publish(server, release);
    const opentracker = await servers.startOpentracker(release.infoHash);
    const contestants = [
      udpContestant(OURS, ours),
      ...(opentracker ? [udpContestant(OPENTRACKER, opentracker)] : []),
      udpContestant(`${OURS}, UDP_SOCKET=dgram`, dgram),
      udpContestant(NPM, await servers.startNpmTracker()),
    ];
    const load = { "info-hash": release.infoHash, "peer-id": prefix };
    for (const { server } of contestants) await warmUp(server, () => runUdp(server, { ...load, seconds: SECONDS }));
    for (let run = 0; run < RUNS; run++) {
      for (const each of contestants) {
        await takeTurn(each, () => runUdp(each.server, { ...load, seconds: SECONDS }));
        each.atRate.push(await runUdp(each.server, { ...load, seconds: 1, rate: MODERATE_RATE }));
      }
    }
    return contestants;
  });
}

function udpContestant(name: string, server: PinnedServer): UdpContestant {
  return { ...contestant<UdpReport>(name, server), atRate: [] };
}

async function runUdp({ port }: PinnedServer, load: Load): Promise<UdpReport> {
  return (await runLoad("./udp-load.ts", { port, ...load })) as UdpReport;
}

function rowOf(row: UdpContestant, all: readonly UdpContestant[]): string[] {
  const { name, reports, atRate } = row;
  const find = (other: string) => all.find((each) => each.name === other);
  const medianOf = (of: readonly UdpReport[], value: (report: UdpReport) => number) => median(of.map(value));
  return [
    name,
    whole(median(row.perSecond)),
    whole(median(row.perProcessorSecond)),
    ...ratios(row, find(OPENTRACKER)),
    ...ratios(row, find(NPM)),
    name === OURS ? `≥ ${BUDGET}` : "-",
    medianOf(reports, ({ replyBytes }) => replyBytes).toFixed(0),
    medianOf(atRate, ({ p50 }) => p50).toFixed(2),
    medianOf(atRate, ({ p99 }) => p99).toFixed(2),
    whole(reports.reduce((sum, { lost }) => sum + lost, 0)),
    percent(medianOf(reports, ({ idle }) => idle)),
  ];
}
