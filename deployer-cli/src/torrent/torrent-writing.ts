// Writes a .torrent whole or not at all.
import { randomUUID } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { CommandError, systemErrorCode } from "../errors.ts";
import { escaped } from "../output/escaping.ts";
import type { Payload } from "./payload.ts";

/** Throws `PATH_UNWRITABLE`. */
export async function writeTorrent(file: string, bytes: Uint8Array): Promise<void> {
  const partial = `${file}.${randomUUID()}.part`;
  try {
    await writeFile(partial, bytes, { flag: "wx" });
    await rename(partial, file);
  } catch (cause) {
    await rm(partial, { force: true });
    throw unwritable(file, cause);
  }
}

/** A torrent written into its own payload would change the payload, and with it the next torrent. */
export function refuseInsidePayload(file: string, payload: Payload): void {
  const place = resolve(file);
  const isInside = !payload.isSingleFile && place.startsWith(payload.root + sep);
  const isPayload = place === payload.root;
  if (!isInside && !isPayload) return;
  throw new CommandError(
    "USAGE",
    `${escaped(file)} would be written into the payload; give -o with a file outside ${escaped(payload.root)}.`,
  );
}

/** Says what a failed write means for the user. */
export function unwritable(file: string, cause: unknown): CommandError {
  const code = systemErrorCode(cause);
  const reason = code === "ENOENT" ? `there is no folder ${escaped(dirname(file))}` : `${code ?? "unknown error"}`;
  const message = `Cannot write ${escaped(file)}: ${reason}; give -o with a file that can be written.`;
  return new CommandError("PATH_UNWRITABLE", message, { cause });
}
