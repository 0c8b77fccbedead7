import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retryDelayMs } from "./connection-options.ts";
import { describe as tell, REDIS_ERRORS, RedisError, type RedisErrorCode } from "./errors.ts";
import { explainRedisError, tellRedisError } from "./explanation.ts";

/** Replies and errors as Redis 6.2 and 7.0, Node.js and ioredis word them, that integration tests do not bring about. */
const WORDED: readonly (readonly [string, RedisErrorCode])[] = [
  [
    "ERR Error running script (call to f_1): @user_script:1: @user_script: 1: -OOM command not allowed when used memory > 'maxmemory'.",
    "MEMORY_FULL",
  ],
  ["MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.", "DISK_FAILING"],
  ["LOADING Redis is loading the dataset in memory", "LOADING"],
  ["BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", "BUSY"],
  ["ERR invalid password", "PASSWORD_WRONG"],
  ["MOVED 3999 127.0.0.1:6381", "CLUSTER_UNNAMED"],
  ["failed to connect to sentinel 10.0.0.5:26379 because NOAUTH Authentication required.", "SENTINEL_REFUSES"],
  ["connected to sentinel 10.0.0.5:26379 successfully, but got an invalid reply: null", "MASTER_UNKNOWN"],
  ["read ECONNRESET", "CONNECTION_LOST"],
  ["Reached the max retries per request limit (which is 0). Refer to ...", "CONNECTION_LOST"],
];

describe("an error of Redis", () => {
  it.each(WORDED)("%s: is told as %s", (words, code) => {
    expect(explainRedisError(new Error(words))).toBe(tell(code));
    expect(tellRedisError(new Error(words), "h:1")).toMatchObject({
      code,
      message: tell(code, { place: "h:1", seen: words }),
    });
  });

  it("is known by what it was caused by, too", () => {
    const refused = Object.assign(new AggregateError([], ""), { code: "ECONNREFUSED" });
    const failed = Object.assign(new Error("Failed to refresh slots cache."), { lastNodeError: new Error("NOAUTH") });
    expect(explainRedisError(refused)).toBe(tell("UNREACHABLE"));
    expect(explainRedisError(failed)).toBe(tell("PASSWORD_MISSING"));
    expect(explainRedisError(new RedisError("TOO_OLD", { place: "h:1" }))).toBe(tell("TOO_OLD"));
  });

  it("of no known kind stays what it is", () => {
    const error = new TypeError("it is not a function");
    expect(explainRedisError(error)).toBeUndefined();
    expect(tellRedisError(error, "h:1")).toBe(error);
  });

  it("brings none of a command's arguments along, such as a password", () => {
    const error = Object.assign(new Error("WRONGPASS invalid"), { command: { name: "auth", args: ["hidden"] } });
    const told = tellRedisError(error, "h:1") as RedisError;
    expect(
      JSON.stringify({ ...told, message: told.message, cause: told.cause, why: explainRedisError(error) }),
    ).not.toContain("hidden");
  });

  it("always has a remedy", () => {
    for (const code of Object.keys(REDIS_ERRORS) as RedisErrorCode[]) {
      expect(tell(code, { place: "h:1", seen: "seen" })).toMatch(/^Redis at h:1 .+ \(seen\); .+[^.]$/);
    }
  });
});

it("waits longer for every attempt, never over 2 s, and never as long as all others", () => {
  const waits = [1, 2, 3, 6, 7, 50].map((attempt) => retryDelayMs(attempt, () => 0));
  expect(waits).toEqual([50, 100, 200, 1_600, 2_000, 2_000]);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (attempt, random) => {
        const most = retryDelayMs(attempt, () => 0);
        const delayMs = retryDelayMs(attempt, () => random);
        expect(delayMs).toBeLessThanOrEqual(most);
        expect(delayMs).toBeGreaterThanOrEqual(most / 2);
      },
    ),
  );
});
