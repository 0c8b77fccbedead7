// What an error of Redis or of its client means, told with the remedy.
import { describe, RedisError, type RedisErrorCode } from "./errors.ts";

/** Error replies begin with a word in capitals, which scripts of Redis 6.2 put into a sentence of their own. */
const CAUSES: readonly (readonly [RegExp, RedisErrorCode])[] = [
  [/sentinel .*\b(NOAUTH|WRONGPASS|NOPERM)\b/s, "SENTINEL_REFUSES"],
  [/No such master|invalid reply: null/, "MASTER_UNKNOWN"],
  [/unknown command '?sentinel/i, "NO_SENTINEL"],
  [/\bNOAUTH\b/, "PASSWORD_MISSING"],
  [/\bWRONGPASS\b|invalid password/, "PASSWORD_WRONG"],
  [/\bNOPERM\b/, "NOT_ALLOWED"],
  [/\bOOM\b/, "MEMORY_FULL"],
  [/\bREADONLY\b/, "READ_ONLY"],
  [/\bNOREPLICAS\b/, "REPLICAS_MISSING"],
  [/\bWRONGTYPE\b/, "FOREIGN_DATA"],
  [/\bMISCONF\b/, "DISK_FAILING"],
  [/\bLOADING\b/, "LOADING"],
  [/\bBUSY\b/, "BUSY"],
  [/\bCLUSTERDOWN\b/, "CLUSTER_DOWN"],
  [/\b(MOVED|CROSSSLOT)\b/, "CLUSTER_UNNAMED"],
  [/cluster support disabled/, "NO_CLUSTER"],
  [/certificate|CERT_|_CERT|altname/i, "TLS_UNTRUSTED"],
  [/EPROTO|wrong version number|before secure TLS connection/, "TLS_MISMATCH"],
  [/timed out|Socket timeout|ETIMEDOUT/, "TIMED_OUT"],
  [/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EINVAL|EADDRNOTAVAIL/, "UNREACHABLE"],
  [/connect to sentinel|All sentinels are unreachable|None of startup nodes|Failed to refresh slots/, "UNREACHABLE"],
  [/ECONNRESET|EPIPE|Connection is closed|Connection is aborted|connection close/, "CONNECTION_LOST"],
  [/enableOfflineQueue|max retries per request|Cluster is (ended|disconnect)|Cluster redirections/, "CONNECTION_LOST"],
];

/** One sentence with cause and remedy, without addresses or keys, fit for a peer; undefined for an error of none of the known kinds. */
export function explainRedisError(error: unknown): string | undefined {
  const code = error instanceof RedisError ? error.code : codeOf(error);
  return code && describe(code);
}

/** The same with the place and the client's own words, for whoever runs the tracker. What is not known stays as it is. */
export function tellRedisError(error: unknown, place: string): unknown {
  const code = error instanceof RedisError ? undefined : codeOf(error);
  return code === undefined ? error : new RedisError(code, { place, seen: wordsOf(error) });
}

function codeOf(error: unknown): RedisErrorCode | undefined {
  const words = wordsOf(error);
  return CAUSES.find(([pattern]) => pattern.test(words))?.[1];
}

/** An error's message, its code, and what it was caused by. ioredis keeps a command's arguments, so a password, beside them. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, code, cause, lastNodeError } = error as Error & Record<"code" | "lastNodeError", unknown>;
  const isNew = typeof code === "string" && !message.includes(code);
  const causes = [cause, lastNodeError].filter((one) => one instanceof Error).map(wordsOf);
  return [message, isNew ? code : "", ...causes].filter((words) => words !== "").join(": ");
}
