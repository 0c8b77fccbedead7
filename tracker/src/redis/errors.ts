// What a Redis fails with, or is refused for. Every message names the cause and the remedy.

/** Every code with what it says of Redis (`Redis` + problem) and what to do about it. All of them are tellable. */
export const REDIS_ERRORS = {
  UNREACHABLE: {
    problem: "cannot be reached",
    remedy: "start it, or correct REDIS_URL, REDIS_SENTINELS or REDIS_CLUSTER",
  },
  TIMED_OUT: {
    problem: "does not answer in time",
    remedy: "see by SLOWLOG and `redis-cli --latency` what keeps it, and whether its port speaks TLS as it is set",
  },
  CONNECTION_LOST: {
    problem: "closed the connection, or is not connected yet",
    remedy: "see its log if this lasts; the tracker connects again by itself",
  },
  PASSWORD_MISSING: { problem: "asks for a password", remedy: "give it by REDIS_PASSWORD" },
  PASSWORD_WRONG: { problem: "refuses user or password", remedy: "correct REDIS_PASSWORD and REDIS_USERNAME" },
  NOT_ALLOWED: {
    problem: "does not allow this user what the tracker needs",
    remedy: "grant it ~*, &* and +@all -@admin by ACL SETUSER, or give another user by REDIS_USERNAME",
  },
  SENTINEL_REFUSES: {
    problem: "cannot be found, for its Sentinels ask for another password",
    remedy: "correct REDIS_SENTINEL_PASSWORD",
  },
  NO_SENTINEL: {
    problem: "cannot be found, for what is named as its Sentinel is none",
    remedy: "correct REDIS_SENTINELS; a Sentinel listens on 26379 unless set otherwise",
  },
  MASTER_UNKNOWN: {
    problem: "cannot be found, for its Sentinels know no such master",
    remedy: "correct REDIS_MASTER_NAME or REDIS_SENTINELS",
  },
  TLS_UNTRUSTED: {
    problem: "shows a certificate that is not trusted",
    remedy: "name the file of its authority by REDIS_TLS_CA, and the host as its certificate does",
  },
  TLS_MISMATCH: {
    problem: "and the tracker do not agree on TLS",
    remedy: "use rediss:// or REDIS_TLS for a port that speaks TLS, and leave them out for one that does not",
  },
  TLS_CA_UNREADABLE: {
    problem: "cannot be spoken to by TLS, for the file of REDIS_TLS_CA cannot be read",
    remedy: "name a file in PEM that this user may read",
  },
  TOO_OLD: { problem: "is older than 6.2", remedy: "run Redis 6.2 or later" },
  READ_ONLY: {
    problem: "is a read-only replica",
    remedy: "name its master, or let the tracker find it by REDIS_SENTINELS",
  },
  REPLICAS_MISSING: {
    problem: "takes no writes, for it has fewer replicas than min-replicas-to-write",
    remedy: "start its replicas, or lower min-replicas-to-write",
  },
  EVICTS: {
    problem: "evicts keys when its memory is full, and with them the order of the swarms",
    remedy: "set `maxmemory-policy noeviction`",
  },
  MEMORY_FULL: { problem: "has used up its maxmemory", remedy: "raise maxmemory, or free memory in it" },
  DISK_FAILING: {
    problem: "cannot save to its disk and takes no writes",
    remedy: "free space in its folder and see its log",
  },
  LOADING: { problem: "is still loading its data", remedy: "wait until it has; the tracker asks again by itself" },
  BUSY: {
    problem: "is kept by a script that does not end",
    remedy: "end it by SCRIPT KILL, and keep other programs' scripts off this Redis",
  },
  FOREIGN_DATA: {
    problem: "holds data of another kind under the tracker's keys",
    remedy: "give the tracker a database of its own (redis://host:port/1), or remove the foreign keys",
  },
  CLUSTER_DOWN: {
    problem: "is a Cluster of which some slots are not served",
    remedy: "bring its masters back; `redis-cli --cluster check` says which are missing",
  },
  CLUSTER_UNNAMED: { problem: "is a node of a Cluster", remedy: "name the Cluster by REDIS_CLUSTER, not by REDIS_URL" },
  NO_CLUSTER: { problem: "is no Cluster", remedy: "name it by REDIS_URL, not by REDIS_CLUSTER" },
} as const;

export type RedisErrorCode = keyof typeof REDIS_ERRORS;

export interface RedisErrorDetails {
  /** Which Redis: `127.0.0.1:6379`. */
  readonly place?: string;
  /** What was seen of it, in a few words. */
  readonly seen?: string;
}

/** The only error that functions of this folder throw on purpose. */
export class RedisError extends Error {
  override readonly name = "RedisError";
  readonly code: RedisErrorCode;

  constructor(code: RedisErrorCode, details: RedisErrorDetails = {}) {
    super(describe(code, details));
    this.code = code;
  }
}

/** One sentence: `Redis at 127.0.0.1:6379 is older than 6.2 (it is 5.0.7); run Redis 6.2 or later`. */
export function describe(code: RedisErrorCode, { place, seen }: RedisErrorDetails = {}): string {
  const { problem, remedy } = REDIS_ERRORS[code];
  const where = place === undefined ? "Redis" : `Redis at ${place}`;
  return `${where} ${problem}${seen === undefined ? "" : ` (${seen})`}; ${remedy}`;
}
