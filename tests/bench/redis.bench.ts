// What a shared swarm costs: announces through the Redis store of one tracker and of two, each a process of its own.
import { fork } from "node:child_process";
import { once } from "node:events";
import { startRedis } from "../support/redis-server.ts";

export interface RedisMeasure {
  readonly trackers: number;
  readonly perSecond: number;
  /** Milliseconds from an announce's arrival to its answer. */
  readonly p50: number;
  readonly p99: number;
  /** Of one processor, 0 to 1. */
  readonly redisLoad: number;
  readonly trackerLoad: number;
}

/** What a load process tells at its end. */
export interface LoadReport {
  readonly answered: number;
  readonly seconds: number;
  readonly latencies: readonly number[];
  readonly processorSeconds: number;
}

const LOAD = new URL("redis-load.ts", import.meta.url);

/** The redis-server is a real one on loopback, with its append-only file on. */
export async function measureRedis(prefix: string, counts: readonly number[], numwant = 50): Promise<RedisMeasure[]> {
  const measures: RedisMeasure[] = [];
  for (const trackers of counts) {
    const redis = await startRedis({ appendOnly: true });
    try {
      const before = await processorSeconds(redis.client);
      const reports = await Promise.all(
        Array.from({ length: trackers }, async (_, index) =>
          runLoad([redis.url, prefix, String(index), String(numwant)]),
        ),
      );
      measures.push(measureOf(reports, (await processorSeconds(redis.client)) - before));
    } finally {
      await redis.close();
    }
  }
  return measures;
}

async function runLoad(args: readonly string[]): Promise<LoadReport> {
  const child = fork(LOAD, args);
  const [report] = (await once(child, "message")) as [LoadReport];
  return report;
}

function measureOf(reports: readonly LoadReport[], redisSeconds: number): RedisMeasure {
  const seconds = Math.max(...reports.map((report) => report.seconds));
  const latencies = reports.flatMap((report) => report.latencies).toSorted((one, other) => one - other);
  const at = (part: number) => latencies[Math.floor(latencies.length * part)] ?? Number.NaN;
  return {
    trackers: reports.length,
    perSecond: reports.reduce((sum, report) => sum + report.answered / report.seconds, 0),
    p50: at(0.5),
    p99: at(0.99),
    redisLoad: redisSeconds / seconds,
    trackerLoad: reports.reduce((sum, report) => sum + report.processorSeconds, 0) / reports.length / seconds,
  };
}

async function processorSeconds(client: { info(section: string): Promise<string> }): Promise<number> {
  const info = await client.info("cpu");
  const valueOf = (name: string) => Number(new RegExp(`${name}:([0-9.]+)`).exec(info)?.[1] ?? 0);
  return valueOf("used_cpu_user") + valueOf("used_cpu_sys");
}
