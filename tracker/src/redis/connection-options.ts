// How the tracker speaks to Redis by ioredis: nothing waits without bound, and nothing is executed twice unseen.
import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { Cluster, Redis, type RedisOptions } from "ioredis";
import { RedisError } from "./errors.ts";
import { describePlace, type RedisSettings } from "./redis-settings.ts";

/** An announce is to be answered within a second, with a failure if need be. */
const COMMAND_TIMEOUT_MS = 800;
/** After this long without a word the connection is given up: commands to a Redis that hangs would pile up in it. */
const SILENCE_TIMEOUT_MS = 850;
const CONNECT_TIMEOUT_MS = 2_000;
const DISCONNECT_TIMEOUT_MS = 500;
const KEEP_ALIVE_MS = 10_000;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 2_000;
const SLOTS_REFRESH_MS = 2_000;
const LOADING_RETRY_MS = 1_000;

export interface ClientSurroundings {
  /** 0 inclusive to 1 exclusive. */
  readonly random: () => number;
  /** Hears of a write that a replica refused, before the connection is made anew to find the master. */
  readonly onReadOnly: (error: Error) => void;
}

/** Starts connecting at once. Throws `RedisError` when the authority's file cannot be read. */
export function createClient(settings: RedisSettings, { random, onReadOnly }: ClientSurroundings): Redis | Cluster {
  const { place } = settings;
  const retryStrategy = (attempt: number) => retryDelayMs(attempt, random);
  // The command that failed is not sent again.
  const reconnectOnError = (error: Error) => {
    const isReadOnly = error.message.startsWith("READONLY");
    if (isReadOnly) onReadOnly(error);
    return isReadOnly;
  };
  const options = { ...optionsOf(settings), retryStrategy, reconnectOnError };
  switch (place.kind) {
    case "single":
      return new Redis({ ...options, ...place.address, db: place.database });
    case "sentinel":
      return new Redis({
        ...options,
        sentinels: [...place.sentinels],
        name: place.masterName,
        sentinelRetryStrategy: retryStrategy,
        sentinelCommandTimeout: COMMAND_TIMEOUT_MS,
        // A master that was cut off from its Sentinels still takes writes, which are lost.
        failoverDetector: true,
        ...(place.password === undefined ? {} : { sentinelPassword: place.password }),
        ...(options.tls ? { sentinelTLS: options.tls, enableTLSForSentinelMode: true } : {}),
      });
    case "cluster":
      return createCluster(settings, retryStrategy);
  }
}

function createCluster(settings: RedisSettings, retryStrategy: (attempt: number) => number): Cluster {
  const nodes = settings.place.kind === "cluster" ? settings.place.nodes : [];
  const redisOptions = optionsOf(settings);
  const cluster = new Cluster([...nodes], {
    redisOptions,
    clusterRetryStrategy: retryStrategy,
    enableOfflineQueue: false,
    // A Cluster that lacks slots says so to each command; a failing ready check would say nothing.
    enableReadyCheck: false,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
    // What was sent on a connection that broke may have been executed; ioredis would send it again.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    // Certificates are for the names that the nodes are called by.
    ...(redisOptions.tls ? { dnsLookup: (name, found) => found(null, name) } : {}),
  });
  // Without this a node is called for its first command only, and those that follow meanwhile are refused.
  return cluster.on("+node", (node: Redis) => {
    if (node.options.readOnly !== true) node.connect().catch(() => undefined);
  });
}

function optionsOf(settings: RedisSettings) {
  const { username, password } = settings;
  const tls = tlsOf(settings);
  return {
    // Replies look the same; RESP2 is also spoken by those servers that are then told to be too old.
    protocol: 2,
    disableClientInfo: true,
    connectionName: "rackcast",
    commandTimeout: COMMAND_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    keepAlive: KEEP_ALIVE_MS,
    maxLoadingRetryTime: LOADING_RETRY_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
  } satisfies RedisOptions;
}

function tlsOf({ tls, place }: RedisSettings): ConnectionOptions | undefined {
  if (tls?.caFile === undefined) return tls && {};
  try {
    return { ca: readFileSync(tls.caFile) };
  } catch (error) {
    const seen = error instanceof Error ? error.message : String(error);
    throw new RedisError("TLS_CA_UNREADABLE", { place: describePlace(place), seen });
  }
}

/** Doubles from 50 ms to 2 s, less up to a half at random, so that many trackers do not come back at once. */
export function retryDelayMs(attempt: number, random: () => number): number {
  const delayMs = Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS);
  return Math.round(delayMs * (1 - random() / 2));
}
