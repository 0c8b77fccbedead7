// What keeps deltas out of a Redis, told with the remedy: as of the tracker's own Redis, which other settings name.
import { REDIS_ERRORS, RedisError, type RedisErrorCode } from "../../redis/errors.ts";
import { tellRedisError, wordsOf } from "../../redis/explanation.ts";
import { SinkError } from "../delta-sink.ts";

const CORRECT = "correct user and password in ACCOUNTING_SINK, with %XX for what is special in them";
const REMEDIES: Partial<Record<RedisErrorCode, string>> = {
  UNREACHABLE: "start it, or correct ACCOUNTING_SINK",
  PASSWORD_MISSING: CORRECT,
  PASSWORD_WRONG: CORRECT,
  NOT_ALLOWED: "grant it the stream, the hash beside it and rackcast:trial, and +@all -@admin by ACL SETUSER",
  TLS_UNTRUSTED: "name the file of its authority by ?ca= in ACCOUNTING_SINK, and the host as its certificate does",
  TLS_MISMATCH:
    "begin ACCOUNTING_SINK with rediss:// for a port that speaks TLS, and with redis:// for one that does not",
  TLS_CA_UNREADABLE: "name a file in PEM that this user may read by ?ca= in ACCOUNTING_SINK",
  READ_ONLY: "name its master by ACCOUNTING_SINK",
  EVICTS:
    "set `maxmemory-policy noeviction`, or name another Redis by ACCOUNTING_SINK: it would drop deltas that it has taken",
  FOREIGN_DATA: "name another stream by ?stream= in ACCOUNTING_SINK, or remove the foreign key",
  CLUSTER_UNNAMED: "add ?cluster=true to ACCOUNTING_SINK",
  NO_CLUSTER: "take ?cluster=true out of ACCOUNTING_SINK",
};
/** All others last until a person sees to them. */
const PASSING: ReadonlySet<RedisErrorCode> = new Set([
  ...(["UNREACHABLE", "TIMED_OUT", "CONNECTION_LOST", "LOADING", "BUSY"] as const),
  ...(["READ_ONLY", "REPLICAS_MISSING", "CLUSTER_DOWN"] as const),
]);

/** Without the client's own error, which carries the arguments of a command: a whole batch, or the password. */
export function tellRedisSinkError(error: unknown, place: string): SinkError {
  const told = tellRedisError(error, place);
  if (!(told instanceof RedisError)) {
    return new SinkError(`Redis at ${place} does not take deltas (${wordsOf(told)}); see its log`, { isRefusal: true });
  }
  const { code, message } = told;
  const text = message.slice(0, message.length - REDIS_ERRORS[code].remedy.length);
  const remedy = REMEDIES[code] ?? REDIS_ERRORS[code].remedy;
  return new SinkError(`deltas cannot be given over: ${text}${remedy}`, { cause: told, isRefusal: !PASSING.has(code) });
}
