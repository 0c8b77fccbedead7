// Connections to the Redis servers of a test, with what they wrote to the log; all ended with the test.
import { afterEach } from "vitest";
import { checkRedis } from "../../tracker/src/redis/check-redis.ts";
import { openRedis, type RedisConnection } from "../../tracker/src/redis/redis-connection.ts";
import type { RedisPlace, RedisSettings } from "../../tracker/src/redis/redis-settings.ts";

export interface RedisWorld {
  /** What the connections said, one `level message details` each. */
  readonly logged: string[];
  /** Ends what was started, after the test. */
  keep<T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T>;
  connect(place: RedisPlace, more?: Partial<RedisSettings>): RedisConnection;
  /** Why a tracker with this Redis refuses to start; undefined when it would start. */
  refusal(place: RedisPlace, more?: Partial<RedisSettings>): Promise<string | undefined>;
}

/** To be called where tests are defined. */
export function createRedisWorld(): RedisWorld {
  const closing: { close(): Promise<void> }[] = [];
  const logged: string[] = [];
  const write = (level: string) => (details: object, message: string) =>
    void logged.push(`${level} ${message} ${JSON.stringify(details)}`);
  const log = { warn: write("warn"), info: write("info") };
  afterEach(async () => {
    await Promise.all(closing.splice(0).map((one) => one.close()));
    logged.length = 0;
  });

  function connect(place: RedisPlace, more: Partial<RedisSettings> = {}): RedisConnection {
    const settings = { place, username: undefined, password: undefined, tls: undefined, ...more };
    const connection = openRedis(settings, { log });
    closing.unshift(connection);
    return connection;
  }

  return {
    logged,
    async keep(starting) {
      const one = await starting;
      closing.push(one);
      return one;
    },
    connect,
    async refusal(place, more) {
      return await checkRedis(connect(place, more), { log }).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
      );
    },
  };
}

/** A single Redis on this machine. */
export function singleAt(port: number): RedisPlace {
  return { kind: "single", address: { host: "127.0.0.1", port }, database: 0 };
}

/** Of a list such as `127.0.0.1:7000,127.0.0.1:7001`. */
export function addressesOf(list: string): { host: string; port: number }[] {
  return list.split(",").map((text) => ({ host: "127.0.0.1", port: Number(text.split(":")[1]) }));
}
