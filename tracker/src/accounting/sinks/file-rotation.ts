// Moves a file away under a number: `deltas.ndjson` becomes `.1`, what was `.1` becomes `.2`, and so on.
import { rename, rm, stat, writeFile } from "node:fs/promises";

/**
 * `keep` is how many numbers there are; what would have a higher one is lost. From the highest down to the first gap, so that nothing is
 * lost when it is broken off.
 */
export async function moveAway(file: string, keep = Number.POSITIVE_INFINITY): Promise<void> {
  let number = 1;
  while (number < keep && (await exists(`${file}.${number}`))) number++;
  for (; number > 1; number--) await rename(`${file}.${number - 1}`, `${file}.${number}`);
  await rename(file, `${file}.1`);
}

/** Rejects where the file's folder takes no new names, which would be noticed when the file is full. */
export async function mayMoveAway(file: string): Promise<void> {
  const trial = `${file}.trial`;
  await writeFile(trial, "");
  await rm(trial);
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
