// Where deltas go, as people write it: a file's path, or an address whose scheme says which sink it is.
import type { SinkSettings } from "../accounting/sinks/sink-settings.ts";
import { readFileSink } from "./file-sink-address.ts";
import { readPostgresSink } from "./postgres-sink-address.ts";
import { readRedisSink } from "./redis-sink-address.ts";
import { isDecodable } from "./sink-options.ts";

const FORMS =
  "write /var/log/rackcast/deltas.ndjson, redis://host:6379/0, https://host/path or postgres://user@host/database";

/** Text is what is wrong, with what to write instead; it repeats nothing that may be secret. `keys` are for a webhook. */
export function readSinkAddress(text: string, keys: readonly Uint8Array[] = []): SinkSettings | string {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  switch (text.startsWith("/") ? "file" : scheme) {
    case "file":
      return ofKind("file", readFileSink(text));
    case "redis":
    case "rediss":
      return ofKind("redis", readRedisSink(text));
    case "http":
    case "https":
      return ofKind("webhook", readWebhook(text, keys));
    case "postgres":
    case "postgresql":
      return ofKind("postgres", readPostgresSink(text));
    case undefined:
      return `is neither an absolute path nor an address; ${FORMS}`;
    default:
      return `begins like an address of no sink; ${FORMS}`;
  }
}

function ofKind<Kind extends string, Read extends object>(kind: Kind, read: Read | string) {
  return typeof read === "string" ? read : { kind, ...read };
}

/** What is behind the question mark is the receiver's. */
function readWebhook(text: string, keys: readonly Uint8Array[]) {
  const url = /^https?:\/\//i.test(text) ? URL.parse(text) : null;
  const isWhole = url !== null && url.hash === "" && isDecodable(url);
  return isWhole ? { url: url.href, keys } : "is no URL of a webhook; write it like https://host/path";
}
