// Releases for the deploylab: folders as a build leaves them, with one large file and small ones with awkward names.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Machine } from "./machine.ts";

export interface ReleaseFolder {
  /** What it is deployed as: `web-1`. */
  readonly name: string;
  readonly path: string;
  /** Output of sha256sum for all files, in order of their names. */
  readonly sums: string;
}

const execute = promisify(execFile);
const MIB = 1024 * 1024;
export const LARGE_FILE = "bin/server";
const SMALL_FILES: Readonly<Record<string, Buffer>> = {
  empty: Buffer.alloc(0),
  "assets/日本語, 'quoted' name.bin": randomBytes(70_000),
};
const SUMS = "find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum";

export async function createRelease(folder: string, name: string, sizeMiB: number): Promise<ReleaseFolder> {
  const path = join(folder, name);
  await mkdir(join(path, "bin"), { recursive: true });
  await mkdir(join(path, "assets"));
  await writeFile(join(path, "VERSION"), name);
  for (const [file, bytes] of Object.entries(SMALL_FILES)) await writeFile(join(path, file), bytes);
  const large = await open(join(path, LARGE_FILE), "w");
  for (let written = 0; written < sizeMiB; written += 1) await large.write(randomBytes(MIB));
  await large.close();
  const { stdout: sums } = await execute("sh", ["-c", SUMS], { cwd: path, encoding: "utf8" });
  return { name, path, sums };
}

/** The same sums of a release's folder on a host. */
export function sumsOn(machine: Machine, folder: string): Promise<string> {
  return machine.run("sh", "-c", `cd "$1" && ${SUMS}`, "sums", folder);
}
