// Which sink is meant, and how to get at it: plain data, made from the tracker's settings.
import type { RedisSettings } from "../../redis/redis-settings.ts";

export type SinkSettings =
  | ({ readonly kind: "file" } & FileSinkSettings)
  | ({ readonly kind: "redis" } & RedisSinkSettings)
  | ({ readonly kind: "webhook" } & WebhookSettings)
  | ({ readonly kind: "postgres" } & PostgresSinkSettings);

export interface FileSinkSettings {
  /** An absolute path. */
  readonly file: string;
  /** Undefined: the file grows until somebody else moves it away. */
  readonly rotation: FileRotation | undefined;
}

export interface FileRotation {
  /** The file is moved away before it would be larger, but never while it is empty. */
  readonly atBytes: number;
  /** How many of those are kept; undefined: all. */
  readonly keep: number | undefined;
}

export interface RedisSinkSettings {
  readonly redis: RedisSettings;
  readonly stream: string;
  /** Entries that the stream is cut down to, or some more; undefined: it is never cut. */
  readonly maxLength: number | undefined;
}

export interface WebhookSettings {
  /** `http:` or `https:`. */
  readonly url: string;
  /** Keys that every request is signed with: one, or more while they are changed. */
  readonly keys: readonly Uint8Array[];
}

export interface PostgresSinkSettings {
  /** As libpq has it, without what is ours. */
  readonly url: string;
  /** Of lower-case letters, digits and `_`; perhaps with its schema, and a dot between them. */
  readonly table: string;
}
