// A Redis that deltas go to, as people write it: `redis://user:password@host:6379/0?stream=rackcast:deltas&maxlen=10000000`.
import type { RedisSinkSettings } from "../accounting/sinks/sink-settings.ts";
import { parseRedisUrl, type RedisUrl } from "./redis-address.ts";
import { countOf, faultyOptions } from "./sink-options.ts";

const OPTIONS = ["stream", "maxlen", "cluster", "ca"];
const DEFAULT_STREAM = "rackcast:deltas";
/** Perhaps with a hash tag, which says where it is in a Cluster; other braces would say something that nobody meant. */
const STREAM_NAME = /^[^\s{}]+$|^[^\s{}]*\{[^\s{}]+\}[^\s{}]*$/;

/** Text is what is wrong. */
export function readRedisSink(text: string): RedisSinkSettings | string {
  const options = URL.parse(text)?.searchParams ?? new URLSearchParams();
  const url = parseRedisUrl(text.replace(/\?[^#]*/, ""));
  if (url === undefined) return "is no address of a Redis; write it like redis://host:6379/0";
  return faultyOptions(options, OPTIONS) ?? faultyValues(options, url) ?? settled(options, url);
}

function settled(options: URLSearchParams, url: RedisUrl): RedisSinkSettings {
  const { address, database, isTls, username, password } = url;
  const isCluster = options.get("cluster") === "true";
  const single = { kind: "single", address, database } as const;
  return {
    redis: {
      place: isCluster ? { kind: "cluster", nodes: [address] } : single,
      username,
      password,
      tls: isTls ? { caFile: options.get("ca") ?? undefined } : undefined,
    },
    stream: options.get("stream") ?? DEFAULT_STREAM,
    maxLength: countOf(options.get("maxlen"), Number.MAX_SAFE_INTEGER),
  };
}

function faultyValues(options: URLSearchParams, url: RedisUrl): string | undefined {
  if (!STREAM_NAME.test(options.get("stream") ?? DEFAULT_STREAM)) {
    return "names no stream; write it like stream=rackcast:deltas, without spaces and with one pair of braces at most";
  }
  if (options.has("maxlen") && countOf(options.get("maxlen"), Number.MAX_SAFE_INTEGER) === undefined) {
    return "has no length of a stream; write it like maxlen=10000000, or leave it out, and nothing is cut";
  }
  return faultyCluster(options, url) ?? faultyAuthority(options, url);
}

function faultyCluster(options: URLSearchParams, { database }: RedisUrl): string | undefined {
  const isCluster = options.get("cluster") ?? "false";
  if (isCluster !== "true" && isCluster !== "false") return "has cluster neither true nor false; write cluster=true";
  if (isCluster === "false" || database === 0) return undefined;
  return "names a database of a Cluster, which has none; leave its number out";
}

function faultyAuthority(options: URLSearchParams, { isTls }: RedisUrl): string | undefined {
  const file = options.get("ca");
  if (file === null) return undefined;
  if (!isTls) return "names an authority, but speaks no TLS; begin it with rediss://, or leave ca out";
  return file.startsWith("/") ? undefined : "has ca without an absolute path; write it like ca=/etc/rackcast/ca.pem";
}
