// Whether a host has what the source has, file by file.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { systemErrorCode } from "../errors.ts";
import type { Torrent } from "./torrent-reading.ts";

/** Answers the paths that are missing or whose SHA-256 is not the one that the torrent was built with. */
export async function wrongFiles(torrent: Torrent, folder: string, signal: AbortSignal): Promise<string[]> {
  const wrong: string[] = [];
  for (const { path, sha256 } of torrent.files) {
    const absolute = torrent.isSingleFile ? join(folder, path) : join(folder, torrent.name, path);
    if (sha256 === undefined || (await sha256Of(absolute, signal)) !== sha256) wrong.push(path);
  }
  return wrong;
}

async function sha256Of(path: string, signal: AbortSignal): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash, { signal });
    return hash.digest("hex");
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
