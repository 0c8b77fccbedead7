// Addresses of Redis as people write them: `redis://user:password@host:6379/0`, `host:6379`.
import type { RedisAddress } from "../redis/redis-settings.ts";

export interface RedisUrl {
  readonly address: RedisAddress;
  readonly database: number;
  readonly isTls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

const DEFAULT_PORT = 6379;

/** Undefined for anything else than a `redis:` or `rediss:` address of a host, with a database's number at most. */
export function parseRedisUrl(text: string): RedisUrl | undefined {
  const url = URL.parse(text);
  if (url === null || !["redis:", "rediss:"].includes(url.protocol) || url.hostname === "") return undefined;
  const database = /^\/?(\d{0,5})$/.exec(url.pathname)?.[1];
  if (database === undefined || url.search !== "" || url.hash !== "") return undefined;
  try {
    return {
      address: { host: withoutBrackets(url.hostname), port: url.port === "" ? DEFAULT_PORT : Number(url.port) },
      database: Number(database),
      isTls: url.protocol === "rediss:",
      username: decodeURIComponent(url.username) || undefined,
      password: decodeURIComponent(url.password) || undefined,
    };
  } catch {
    // A percent sign that encodes nothing.
    return undefined;
  }
}

/** `host:port`, with brackets around an IPv6 address; undefined for anything else. */
export function parseRedisAddress(text: string): RedisAddress | undefined {
  const { host, port } = /^(?<host>\[[0-9a-fA-F:.]+\]|[^\s:/@[\]]+):(?<port>\d{1,5})$/.exec(text)?.groups ?? {};
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return undefined;
  return { host: withoutBrackets(host), port: Number(port) };
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}
