// Opens the sink that the settings name.
import type { DeltaSink } from "../delta-sink.ts";
import { openFileSink } from "./file-sink.ts";
import { openRedisSink, type RedisSinkParts } from "./redis-sink.ts";
import type { SinkSettings } from "./sink-settings.ts";
import { openWebhookSink } from "./webhook-sink.ts";

export interface SinkParts extends RedisSinkParts {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Rejects with `SinkError` for what is wrong on this machine: a file that cannot be written, or one of a certificate that cannot be read.
 * What is elsewhere may be away; that shows when something is written.
 */
export async function openSink(settings: SinkSettings, parts: SinkParts): Promise<DeltaSink> {
  switch (settings.kind) {
    case "file":
      return openFileSink(settings);
    case "redis":
      return openRedisSink(settings, parts);
    case "webhook":
      return openWebhookSink(settings, parts);
    case "postgres": {
      // Nobody else needs its client.
      const { openPostgresSink } = await import("./postgres-sink.ts");
      return openPostgresSink(settings);
    }
  }
}
