// Storage that trackers share: swarms and transfers in one Redis, and the jobs of one tracker at a time.
import { type Job, startJobs } from "../jobs/jobs.ts";
import { startRedisLeadership } from "../jobs/redis-leadership.ts";
import { createRedisDirectory } from "../live/redis/redis-directory.ts";
import { checkRedis } from "../redis/check-redis.ts";
import { explainRedisError, tellRedisError } from "../redis/explanation.ts";
import { openRedis, type RedisClient, type RedisConnection } from "../redis/redis-connection.ts";
import type { RedisSettings } from "../redis/redis-settings.ts";
import { openRedisSubscriber, type RedisSubscriber } from "../redis/redis-subscriber.ts";
import { newTrackerName } from "../redis/tracker-name.ts";
import { tryRedis } from "../redis/trial.ts";
import type { Registry } from "../registry/registry.ts";
import { openRedisRegistry } from "../registry/redis/redis-registry.ts";
import { tellRegistryError } from "../registry/redis/registry-access.ts";
import { createArchiveJob } from "../store/redis/archive-job.ts";
import { createArchive, type SwarmArchive } from "../store/redis/archive.ts";
import { createRedisStore } from "../store/redis/redis-store.ts";
import { createStatisticsJob } from "../store/redis/statistics-job.ts";
import { webrtcSwarm } from "../store/transports.ts";
import { explainSwarmError } from "../store/redis/swarm-errors.ts";
import { ARCHIVE_SCHEDULE, STATISTICS_SCHEDULE, SWEEP_SCHEDULE } from "./schedules.ts";
import { closeAll, type Storage, type StorageLog, type StorageParts, type TrackerChannel } from "./storage.ts";

export interface RedisStorageSettings {
  readonly redis: RedisSettings;
  readonly archiveDays: number;
}

const NO_ANSWER = "Redis did not answer in time; this will be asked again";
/** What its connections say of Redis, they say alike. */
const SILENT = { warn: () => {}, info: () => {} };
const UNFORESEEN = "the tracker could not get at its swarms; its log says why";

/** Throws `RedisError` and `RegistryError`; nothing is left open then. */
export async function openRedisStorage(settings: RedisStorageSettings, parts: StorageParts): Promise<Storage> {
  const closing: (() => unknown)[] = [];
  try {
    return await open(settings, parts, closing);
  } catch (error) {
    await closeAll(closing);
    throw error;
  }
}

async function open(
  { redis, archiveDays }: RedisStorageSettings,
  parts: StorageParts,
  closing: (() => unknown)[],
): Promise<Storage> {
  const { log, now, elapsed, random } = parts;
  const connectionLog = createConnectionLog(log);
  const connection = openRedis(redis, { log: connectionLog, random });
  closing.push(() => connection.close());
  await checkRedis(connection, { log });
  connectionLog.start();
  const { client } = connection;
  const trackerName = newTrackerName();

  const registry = await openRedisRegistry({ client, log });
  closing.push(() => registry.close());

  const archive = createArchive({ client, archiveDays });
  const store = createRedisStore({
    ...parts,
    client,
    trackerName,
    explain: createExplanation(connection, parts),
    archive: async (infoHash) => void (await archive.begin(infoHash, now())),
  });
  closing.push(() => store.close());

  const listening = openRedis(redis, { log: SILENT, random });
  closing.push(() => listening.close());
  const live = createRedisDirectory({
    connection,
    listening,
    trackerName,
    elapsed,
    onError: (err) =>
      log.warn({ err: withoutArguments(err) }, "the live channel could not get at Redis; it tries again"),
  });
  closing.push(() => live.close());

  const leadership = startRedisLeadership({
    client,
    trackerName,
    elapsed,
    onChange: (change, token) => log.info({ token }, `the jobs are ${change === "taken" ? "" : "not "}this tracker's`),
    onError: (err) =>
      log.error({ err: withoutArguments(err) }, "the jobs' lock cannot be asked for; it is tried again"),
  });
  closing.push(() => leadership.close());
  const runArchive = createArchiveJob({ client, archive });
  const runStatistics = createStatisticsJob(client);
  const jobs: Job[] = [
    { name: "sweep", schedule: SWEEP_SCHEDULE, run: () => store.sweep(now()) },
    { name: "archive", schedule: ARCHIVE_SCHEDULE, run: (_token, signal) => runArchive(now(), signal) },
    { name: "statistics", schedule: STATISTICS_SCHEDULE, run: (token, signal) => runStatistics(now(), token, signal) },
  ];
  const running = startJobs({
    jobs,
    leadership,
    onError: (err, job) => log.error({ err: withoutArguments(err), job }, "a job failed; it runs again when it is due"),
  });
  closing.push(() => running.close());

  const checks = { redis: () => checkServes(connection) };
  const subscriber = openRedisSubscriber(redis, { random });
  closing.push(() => subscriber.close());
  const openChannel = (name: string) => createChannel(name, { client, subscriber, trackerName });
  return {
    store,
    registry: archivingFirst(registry, archive),
    ledger: { kind: "redis", redis },
    live,
    checks,
    openChannel,
    close: () => closeAll(closing),
  };
}

/** Each message begins with its tracker's name, by which that tracker knows its own. */
function createChannel(
  name: string,
  { client, subscriber, trackerName }: { client: RedisClient; subscriber: RedisSubscriber; trackerName: string },
): TrackerChannel {
  const key = `rackcast:${name}`;
  const mine = `${trackerName} `;
  return {
    publish: (text) => void client.publish(key, mine + text).catch(() => undefined),
    onMessage(receive) {
      subscriber.subscribe(key, (text) => {
        if (!text.startsWith(mine)) receive(text.slice(text.indexOf(" ") + 1));
      });
    },
  };
}

/** Nothing of a swarm that the transfer had before is left when it becomes active. */
function archivingFirst(registry: Registry, archive: SwarmArchive): Registry {
  return {
    ...registry,
    async activate(infoHash, activation, now) {
      for (const swarm of [infoHash, webrtcSwarm(infoHash)]) {
        await archive.finish(swarm, now).catch((error: unknown) => {
          throw tellRegistryError(error);
        });
      }
      return registry.activate(infoHash, activation, now);
    },
  };
}

async function checkServes(connection: RedisConnection): Promise<void> {
  await tryRedis(connection).catch((error: unknown) => {
    throw tellRedisError(error, connection.place);
  });
}

/** Silent until the connection is there: what keeps a tracker from starting is told once, by the error it ends with. */
function createConnectionLog(log: StorageLog) {
  let isStarted = false;
  return {
    warn: (details: object, message: string) => void (isStarted && log.warn(details, message)),
    info: (details: object, message: string) => void (isStarted && log.info(details, message)),
    start: () => void (isStarted = true),
  };
}

/** What a failure means to a client. What is of no known kind is for the log. */
function createExplanation({ status }: RedisConnection, { log }: StorageParts): (error: unknown) => string {
  return (error) => {
    const known = status();
    if (known.kind === "away") return known.why;
    if (error === undefined) return NO_ANSWER;
    const why = explainSwarmError(error) ?? explainRedisError(error);
    if (why !== undefined) return why;
    log.error({ err: withoutArguments(error) }, "announces could not be answered");
    return UNFORESEEN;
  };
}

/** ioredis keeps a command's arguments, thousands of them, beside its error. */
function withoutArguments(error: unknown): unknown {
  return error instanceof Error ? { name: error.name, message: error.message, stack: error.stack } : error;
}
