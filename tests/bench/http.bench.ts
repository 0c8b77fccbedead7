// How many announces a second trackers answer over HTTP, taking turns; each has one core, the load generator another.
import { torrent } from "../integration/control-api-world.ts";
import { startRedis } from "../support/redis-server.ts";
import type { HttpReport } from "./http-load.ts";
import { type PinnedServer, publish, runLoad, withPinnedServers } from "./pinned-servers.ts";
import { median, print, whole } from "./tables.ts";
import { type Contestant, contestant, ratioColumns, ratios, takeTurn, warmUp } from "./turns.ts";

interface Load {
  readonly seconds: number;
  readonly connections: number;
  readonly "keep-alive": "yes" | "no";
}

interface Case extends Contestant<HttpReport> {
  readonly load: Load;
}

const RUNS = 5;
const KEPT: Load = { seconds: 2, connections: 64, "keep-alive": "yes" };
const ANEW: Load = { seconds: 2, connections: 32, "keep-alive": "no" };
const [OURS, ON_REDIS, NPM, OPENTRACKER] = ["rackcast", "rackcast on Redis", "bittorrent-tracker (npm)", "opentracker"];

export async function printHttp(): Promise<void> {
  const cases = await measure();
  console.log("\nHTTP announces, numwant 50, 2,000 hosts in 8 racks; bytes of a reply with its head");
  printWay(
    "keep-alive",
    15,
    cases.filter(({ load }) => load["keep-alive"] === "yes"),
  );
  printWay(
    "a connection each",
    5,
    cases.filter(({ load }) => load["keep-alive"] === "no"),
  );
  const isThere = cases.some(({ name }) => name === OPENTRACKER);
  console.log(
    isThere
      ? "opentracker has no keep-alive: it ends every connection after one answer."
      : "opentracker is not installed; to compare: apt install opentracker",
  );
}

async function measure(): Promise<Case[]> {
  const release = torrent("bench-1.0");
  const redis = await startRedis({ appendOnly: true });
  try {
    return await withPinnedServers(async (servers) => {
      const ours = await servers.startTracker();
      const onRedis = await servers.startTracker({ STORE: "redis", REDIS_URL: redis.url });
      for (const server of [ours, onRedis]) await publish(server, release);
      const npm = await servers.startNpmTracker();
      const opentracker = await servers.startOpentracker(release.infoHash);
      const cases = [
        caseOf(OURS, ours, KEPT),
        caseOf(NPM, npm, KEPT),
        caseOf(ON_REDIS, onRedis, KEPT),
        caseOf(OURS, ours, ANEW),
        caseOf(NPM, npm, ANEW),
        ...(opentracker ? [caseOf(OPENTRACKER, opentracker, ANEW)] : []),
      ];
      for (const { server, load } of cases) await warmUp(server, () => runHttp(server, release.infoHash, load));
      for (let run = 0; run < RUNS; run++) {
        for (const each of cases) await takeTurn(each, () => runHttp(each.server, release.infoHash, each.load));
      }
      return cases;
    });
  } finally {
    await redis.close();
  }
}

function caseOf(name: string, server: PinnedServer, load: Load): Case {
  return { ...contestant<HttpReport>(name, server), load };
}

async function runHttp({ port }: PinnedServer, infoHash: string, load: Load): Promise<HttpReport> {
  return (await runLoad("./http-load.ts", { port, "info-hash": infoHash, ...load })) as HttpReport;
}

function printWay(way: string, budget: number, cases: readonly Case[]): void {
  const find = (name: string) => cases.find((each) => each.name === name);
  const rows = cases.map((row) => [
    row.name,
    whole(median(row.perSecond)),
    whole(median(row.perProcessorSecond)),
    ...ratios(row, find(NPM)),
    row.name === OURS ? `≥ ${budget}` : "-",
    ...ratios(row, find(OPENTRACKER)),
    median(row.reports.map(({ replyBytes }) => replyBytes)).toFixed(0),
  ]);
  const columns = ["a second", "a second of its processor time", ...ratioColumns("npm"), "budget"];
  print([way, ...columns, ...ratioColumns("opentracker"), "bytes a reply"], rows);
}
