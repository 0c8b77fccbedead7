// An rtorrent as the checks see it: what it answers, and what the system says of its process.
import { readFile } from "node:fs/promises";
import type { RtorrentControl } from "../rtorrent/index.ts";
import { systemErrorCode } from "../errors.ts";
import type { XmlRpcValue } from "../rtorrent/xml-rpc.ts";

export interface ClientProbe {
  readonly socketPath: string;
  /** Rejects as `RtorrentControl` does. */
  ask(method: string): Promise<XmlRpcValue>;
  /** Of methods that answer with a text; anything else is an empty one. */
  askText(method: string): Promise<string>;
  /** Of `/proc/<pid>`, such as `limits`; undefined where this user may not read it, or there is none. */
  processFile(name: string): Promise<string | undefined>;
}

export function createClientProbe({ socketPath, call, pid }: RtorrentControl): ClientProbe {
  return {
    socketPath,
    ask: (method) => call(method),
    askText: async (method) => textOf(await call(method)),
    processFile: async (name) => readIfAllowed(`/proc/${await pid()}/${name}`),
  };
}

function textOf(value: XmlRpcValue): string {
  return typeof value === "string" ? value : "";
}

async function readIfAllowed(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((error: unknown) => {
    if (["EACCES", "EPERM", "ENOENT"].includes(systemErrorCode(error) ?? "")) return undefined;
    throw error;
  });
}

/** Whether anybody answers at the socket. */
export async function isAnswering(client: ClientProbe): Promise<boolean> {
  return client.ask("system.pid").then(
    () => true,
    () => false,
  );
}
