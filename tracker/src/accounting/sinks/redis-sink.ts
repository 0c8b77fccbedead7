// Deltas in a Redis stream, one entry each with the delta's fields, and beside it a hash with the last sequence of each source.
import { checkRedis } from "../../redis/check-redis.ts";
import { openRedis, type RedisLog } from "../../redis/redis-connection.ts";
import { createScript, type ScriptArgument } from "../../redis/script.ts";
import type { Delta } from "../delta.ts";
import type { DeltaSink } from "../delta-sink.ts";
import { tellRedisSinkError } from "./redis-sink-errors.ts";
import type { RedisSinkSettings } from "./sink-settings.ts";

export interface RedisSinkParts {
  readonly log: RedisLog;
  /** 0 inclusive to 1 exclusive. */
  readonly random: () => number;
}

const FIELDS = [
  "id",
  "source",
  "sequence",
  "user",
  "infoHash",
  "peerId",
  "address",
  "rack",
  "event",
  "deltaUploaded",
  "deltaDownloaded",
  "secondsSeeded",
  "left",
  "flag",
  "reportedAt",
] as const satisfies (keyof Delta)[];

/** Whoever writes to the sink tells that it is away. */
const SILENT = { warn: () => {}, info: () => {} };

/** Connects in the background, whatever fails. Throws `SinkError` when the file of an authority cannot be read. */
export function openRedisSink(
  { redis, stream, maxLength = 0 }: RedisSinkSettings,
  { log, random }: RedisSinkParts,
): DeltaSink {
  const connection = connect();
  const { client, place } = connection;
  const script = createScript(client, new URL("../lua/append-deltas.lua", import.meta.url));
  const keys = [stream, sourcesOf(stream)];
  let isChecked = false;

  function connect() {
    try {
      return openRedis(redis, { log: SILENT, random });
    } catch (error) {
      throw tellRedisSinkError(error, "");
    }
  }

  /** Once, and again after it was refused: a Redis that evicts keys would drop deltas that it has acknowledged. */
  async function ready(): Promise<void> {
    if (!isChecked) await checkRedis(connection, { log });
    else if (client.status !== "ready") await connection.connected();
    isChecked = true;
  }

  return {
    async write(batch) {
      try {
        await ready();
        await script.run(keys, argumentsOf(batch, maxLength));
      } catch (error) {
        throw tellRedisSinkError(error, place);
      }
    },
    close: () => connection.close(),
  };
}

/** In the stream's slot of a Cluster. */
function sourcesOf(stream: string): string {
  return stream.includes("{") ? `${stream}:sources` : `{${stream}}:sources`;
}

function argumentsOf(batch: readonly Delta[], maxLength: number): ScriptArgument[] {
  const values = batch.flatMap((delta) => FIELDS.map((field) => delta[field]));
  return [batch[0]?.source ?? "", maxLength, FIELDS.length, ...FIELDS, ...values];
}
