// A Lua script beside the sources, run in Redis by its digest.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Cluster, Redis } from "ioredis";

export type ScriptArgument = string | number | Buffer;

export interface Script {
  /** Runs where the first key is; on a Cluster all keys must be of one slot. Rejects with the client's own error. */
  run(keys: readonly string[], args: readonly ScriptArgument[]): Promise<unknown>;
}

/** Reads the file now, such as `new URL("./lua/take-turn.lua", import.meta.url)`. Values go in as arguments only, never as text of the script. */
export function createScript(client: Redis | Cluster, fileUrl: URL): Script {
  const text = readFileSync(fileUrl);
  const digest = createHash("sha1").update(text).digest("hex");

  async function run(keys: readonly string[], args: readonly ScriptArgument[]): Promise<unknown> {
    try {
      return await client.evalsha(digest, keys.length, ...keys, ...args);
    } catch (error) {
      // A Redis that does not know the script has done nothing yet. It was restarted, or took another's place.
      if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
      return await client.eval(text, keys.length, ...keys, ...args);
    }
  }

  return { run };
}
