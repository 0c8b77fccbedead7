// What the demo deploys: a copy of the user's own files, or a release made up of random ones.
import { constants } from "node:fs";
import { cp, mkdir, open, statfs } from "node:fs/promises";
import { randomFillSync } from "node:crypto";
import { dirname, join } from "node:path";
import { CommandError } from "../errors.ts";
import { formatBytes } from "../output/units.ts";

const SAMPLE_NAME = "release-1.0";
/** Parts of the sample, in thousandths of its size. */
const SAMPLE_FILES: readonly (readonly [path: string, thousandths: number])[] = [
  ["bin/server", 600],
  ["lib/models.bin", 300],
  ["share/assets.pak", 99],
  ["VERSION", 1],
];
const CHUNK_BYTES = 2 ** 20;

/** Random, so that nothing on the way can make less of it. Answers the release's folder in `folder`. */
export async function makeSample(folder: string, sizeBytes: number, signal: AbortSignal): Promise<string> {
  const root = join(folder, SAMPLE_NAME);
  let left = sizeBytes;
  for (const [index, [path, thousandths]] of SAMPLE_FILES.entries()) {
    const isLast = index === SAMPLE_FILES.length - 1;
    const bytes = isLast ? left : Math.floor((sizeBytes * thousandths) / 1000);
    await writeRandom(join(root, path), bytes, signal);
    left -= bytes;
  }
  return root;
}

async function writeRandom(path: string, sizeBytes: number, signal: AbortSignal): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, "w");
  try {
    for (let left = sizeBytes; left > 0; left -= CHUNK_BYTES) {
      signal.throwIfAborted();
      await file.writeFile(randomFillSync(Buffer.allocUnsafe(Math.min(CHUNK_BYTES, left))));
    }
  } finally {
    await file.close();
  }
}

/** The client that seeds writes into what it finds damaged; the user's own files are none of its business. */
export async function copyPayload(path: string, copy: string): Promise<void> {
  await mkdir(dirname(copy), { recursive: true });
  await cp(path, copy, { recursive: true, dereference: true, mode: constants.COPYFILE_FICLONE });
}

/** @throws CommandError `PATH_UNWRITABLE` */
export async function refuseFullDisk(folder: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= neededBytes) return;
  const message = `The demo needs ${formatBytes(neededBytes)} for the copies of all hosts, and ${folder} has ${formatBytes(free)} free.`;
  const remedy = "Deploy less by --size, --racks or --hosts, or set TMPDIR to a folder with more room.";
  throw new CommandError("PATH_UNWRITABLE", `${message}\n${remedy}`);
}
