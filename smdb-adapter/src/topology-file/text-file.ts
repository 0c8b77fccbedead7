// Reading a file that an operator wrote, whatever stands in its place.
import { constants } from "node:fs";
import { open } from "node:fs/promises";

const LARGEST_FILE_BYTES = 64 * 1024 * 1024;

/** UTF-8 text. Rejects with why it cannot be read, never waits for what is no regular file. */
export async function readTextFile(file: string): Promise<string> {
  // Not blocking, as a named pipe in the file's place would else hold the start for ever.
  await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const stats = await handle.stat();
  if (!stats.isFile()) throw new Error("it is not a regular file");
  if (stats.size > LARGEST_FILE_BYTES) throw new Error(`it is larger than ${LARGEST_FILE_BYTES} bytes`);
  return new TextDecoder("utf-8", { fatal: true }).decode(await handle.readFile());
}
