// Holds that of the trackers on one Redis exactly one runs the jobs, whatever becomes of it or of Redis.
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { startJobs } from "../../tracker/src/jobs/jobs.ts";
import { type RedisLeadership, startRedisLeadership } from "../../tracker/src/jobs/redis-leadership.ts";
import { openRedis, type RedisConnection } from "../../tracker/src/redis/redis-connection.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";

interface Candidate {
  readonly name: string;
  readonly leadership: RedisLeadership;
  readonly connection: RedisConnection;
  readonly told: string[];
}

const LEASE_MS = 900;
let redis: RedisServer;
let candidates: Candidate[] = [];
beforeEach(async () => {
  redis = await startRedis({ appendOnly: true });
});
afterEach(async () => {
  for (const { leadership, connection } of candidates) {
    await leadership.close();
    await connection.close();
  }
  candidates = [];
  await redis.close();
});

it("gives the jobs to one of three trackers", async () => {
  await Promise.all(["a", "b", "c"].map(async (name) => candidate(name)));
  await delay(2 * LEASE_MS);
  expect(leading()).toHaveLength(1);
  expect(candidates.flatMap(({ told }) => told)).toEqual(["taken"]);
});

it("gives them to another, with a greater token, when the one that has them dies", async () => {
  const [dead, heir] = [await candidate("dead"), await candidate("heir")];
  const before = await termOf(dead);
  await dead.connection.close();
  const after = await termOf(heir);
  expect(after.token).toBeGreaterThan(before.token);
  expect(await redis.client.get("{jobs}:lock")).toBe(`${after.token} heir`);
});

it("gives them to another well before the lease is over when the one that has them stops", async () => {
  const leaseMs = 6000;
  const stopping = await candidate("stopping", leaseMs);
  await termOf(stopping);
  const heir = await candidate("heir", leaseMs);
  await stopping.leadership.close();
  const stopped = performance.now();
  await termOf(heir);
  expect(performance.now() - stopped).toBeLessThan(leaseMs / 2);
});

it("aborts what a tracker does once the jobs are another's", async () => {
  const loser = await candidate("loser");
  const { signal, token } = await termOf(loser);
  await redis.client.set("{jobs}:lock", `${token + 1} winner`, "PX", 60_000);
  await vi.waitFor(() => expect(signal.aborted).toBe(true));
  await delay(LEASE_MS);
  expect({ term: loser.leadership.term(), told: loser.told }).toEqual({ term: undefined, told: ["taken", "lost"] });
  expect(await redis.client.get("{jobs}:lock")).toBe(`${token + 1} winner`);
});

it("lets the jobs rest while Redis is away, and goes on by itself", async () => {
  const only = await candidate("only");
  await termOf(only);
  await redis.kill("SIGKILL");
  await vi.waitFor(() => expect(only.leadership.term()).toBeUndefined());
  await redis.restart();
  await termOf(only);
});

it("lets the jobs rest while Redis is silent, aborted by the end of the lease", async () => {
  const only = await candidate("only");
  const { signal } = await termOf(only);
  const before = performance.now();
  await redis.kill("SIGSTOP");
  await vi.waitFor(() => expect(signal.aborted).toBe(true), { timeout: 10_000 });
  expect(performance.now() - before).toBeLessThan(LEASE_MS + 500);
  expect(only.leadership.term()).toBeUndefined();
  await redis.kill("SIGCONT");
  await termOf(only);
});

it("gives no token twice, though Redis lost all it had", async () => {
  const only = await candidate("only");
  const before = await termOf(only);
  await delay(1000);
  await redis.client.flushall();
  await vi.waitFor(() => expect(before.signal.aborted).toBe(true));
  const after = await termOf(only);
  expect(after.token).toBeGreaterThan(before.token);
});

it("tells of foreign data under the lock's name once, and leaves it alone", async () => {
  await redis.client.rpush("{jobs}:lock", "foreign");
  const errors: unknown[] = [];
  const only = await candidate("only", LEASE_MS, (error) => errors.push(error));
  await delay(2 * LEASE_MS);
  expect(only.leadership.term()).toBeUndefined();
  expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining("WRONGTYPE") })]);
  expect(await redis.client.lrange("{jobs}:lock", 0, -1)).toEqual(["foreign"]);
});

it("never lets two trackers run a job at the same time, while one after the other dies", async () => {
  const running = new Set<string>();
  const runs: string[] = [];
  let most = 0;
  const trackers = await Promise.all(["a", "b", "c"].map(async (name) => candidate(name)));
  const started = trackers.map(({ name, leadership }) => {
    const run = async (_token: number, signal: AbortSignal) => {
      runs.push(name);
      running.add(name);
      most = Math.max(most, running.size);
      await delay(400, undefined, { signal }).finally(() => running.delete(name));
    };
    const jobs = [{ name: "tidy", schedule: "* * * * * *", run }];
    return startJobs({ jobs, leadership, onError: (error) => expect.unreachable(String(error)) });
  });
  for (const deaths of [1, 2]) {
    await vi.waitFor(() => expect(new Set(runs).size).toBe(deaths), { timeout: 10_000 });
    const dying = trackers.find(({ name }) => name === runs.at(-1));
    await dying?.connection.close();
  }
  await vi.waitFor(() => expect(new Set(runs).size).toBe(3), { timeout: 10_000 });
  await Promise.all(started.map(async (jobs) => jobs.close()));
  expect(most).toBe(1);
});

async function candidate(
  name: string,
  leaseMs = LEASE_MS,
  onError: (error: unknown) => void = () => undefined,
): Promise<Candidate> {
  const address = { host: "127.0.0.1", port: redis.port };
  const settings = {
    place: { kind: "single", address, database: 0 },
    username: undefined,
    password: undefined,
  } as const;
  const log = { warn: () => undefined, info: () => undefined };
  const connection = openRedis({ ...settings, tls: undefined }, { log });
  await connection.connected();
  const told: string[] = [];
  const leadership = startRedisLeadership({
    client: connection.client,
    trackerName: name,
    onChange: (change) => told.push(change),
    onError,
    elapsed: () => performance.now(),
    leaseMs,
  });
  const made = { name, leadership, connection, told };
  candidates.push(made);
  return made;
}

async function termOf({ leadership }: Candidate) {
  return vi.waitFor(() => leadership.term() ?? expect.unreachable("the jobs are another's"), { timeout: 10_000 });
}

function leading(): Candidate[] {
  return candidates.filter(({ leadership }) => leadership.term() !== undefined);
}
