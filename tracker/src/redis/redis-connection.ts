// The tracker's connection to Redis: comes back by itself, and always knows whether it is there and if not, why.
import { Cluster, type Redis } from "ioredis";
import { createClient, retryDelayMs } from "./connection-options.ts";
import { explainRedisError, tellRedisError, wordsOf } from "./explanation.ts";
import { describePlace, type RedisSettings } from "./redis-settings.ts";

export type RedisClient = Redis | Cluster;

export type RedisStatus = { readonly kind: "ready" } | { readonly kind: "away"; readonly why: string };

export interface RedisLog {
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
}

export interface RedisConnectionOptions {
  readonly log: RedisLog;
  /** 0 inclusive to 1 exclusive. */
  readonly random?: () => number;
}

export interface RedisConnection {
  /**
   * A command is answered or refused within 0.8 s, and at once while Redis is away. Refused by a time-out or a broken
   * connection, it may have been executed all the same; none is ever sent a second time.
   */
  readonly client: RedisClient;
  /** For messages: `127.0.0.1:6379`. */
  readonly place: string;
  /** `why` is one sentence with cause and remedy. */
  status(): RedisStatus;
  /** Resolves when Redis takes commands; rejects with the first failure, as `RedisError` where it is a known one. */
  connected(): Promise<void>;
  /** Ends the connection when what was sent has been answered, within 0.8 s. */
  close(): Promise<void>;
}

const PATIENCE_MS = 10_000;
/** The same reason is written of again after this long. */
const REPEAT_MS = 10_000;
const CLOSED = new Error("Connection is closed.");

/** Connects in the background, whatever fails. Throws `RedisError` when the file of REDIS_TLS_CA cannot be read. */
export function openRedis(
  settings: RedisSettings,
  { log, random = Math.random }: RedisConnectionOptions,
): RedisConnection {
  const place = describePlace(settings.place);
  const client = createClient(settings, { random, onReadOnly: noteFailure });
  let failure: unknown;
  let sentinelFailure: unknown;
  let told = "";
  let toldAtMs = -Infinity;
  let isTold = false;
  let isClosed = false;

  client.on("sentinelError", (error: unknown) => (sentinelFailure = error));
  client.on("error", noteFailure);
  client.on("node error", (error: unknown) => (failure = error));
  client.on("close", () => noteFailure(failure ?? CLOSED));
  client.on("ready", noteReady);
  client.on("end", startAgain);

  /** Every attempt fails anew, and a replica that is taken for the master is back before every write. */
  function noteFailure(error: unknown): void {
    failure = isVague(error) ? (sentinelFailure ?? error) : error;
    const why = explainRedisError(failure) ?? wordsOf(failure);
    const nowMs = performance.now();
    if (isClosed || (why === told && nowMs - toldAtMs < REPEAT_MS)) return;
    [told, toldAtMs, isTold] = [why, nowMs, true];
    // Never the error itself, which carries the arguments of AUTH.
    log.warn({ why, seen: wordsOf(failure) }, `Redis at ${place} is away; the tracker connects again by itself`);
  }

  function noteReady(): void {
    if (isTold) log.info({}, `Redis at ${place} is back`);
    [failure, sentinelFailure, isTold] = [undefined, undefined, false];
  }

  /** ioredis gives up for good when a failover is announced at the very moment in which it asks a Sentinel. */
  function startAgain(): void {
    if (isClosed) return;
    const timer = setTimeout(() => void client.connect().catch(() => undefined), retryDelayMs(1, random));
    client.once("connecting", () => clearTimeout(timer));
  }

  async function connected(): Promise<void> {
    try {
      const nodes = () => (client instanceof Cluster ? client.nodes("master") : []);
      await readiness(client, () => isClosed);
      await Promise.all(nodes().map((node) => readiness(node, () => isClosed)));
    } catch (error) {
      throw tellRedisError(failure ?? error, place);
    }
  }

  return {
    client,
    place,
    status() {
      if (client.status === "ready") return { kind: "ready" };
      const why = failure === undefined ? undefined : (explainRedisError(failure) ?? wordsOf(failure));
      return { kind: "away", why: why ?? `Redis at ${place} is being connected; wait a moment` };
    },
    connected,
    async close() {
      isClosed = true;
      await client.quit().catch(() => client.disconnect());
    },
  };
}

/** ioredis says the same of Sentinels that are away and of those that answer something else than an address. */
function isVague(error: unknown): boolean {
  return wordsOf(error).startsWith("All sentinels are unreachable");
}

/** Rejects with the first failure, or when nothing happens for long: Redis may be loading its data. */
async function readiness(client: RedisClient, isClosed: () => boolean): Promise<void> {
  if (client.status === "ready") return;
  await new Promise<void>((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(timer);
      client.off("ready", succeed).off("error", fail).off("close", close).off("end", end);
      act();
    };
    const succeed = () => settle(resolve);
    const fail = (error: Error) => settle(() => reject(error));
    const close = () => fail(CLOSED);
    // The only word of a client that is closed before it has a socket; of others it begins another attempt.
    const end = () => void (isClosed() && close());
    const timer = setTimeout(() => fail(new Error("LOADING, or silent")), PATIENCE_MS);
    client.once("ready", succeed).once("error", fail).once("close", close).on("end", end);
  });
}
