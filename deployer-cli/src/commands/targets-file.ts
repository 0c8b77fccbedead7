// Reads a file of addresses: one a line, `#` starts a comment.
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { CommandError } from "../errors.ts";
import { unreadable } from "../torrent/payload.ts";

/** Throws `USAGE` with the line at fault, or that there is none. */
async function readTargetsFile(file: string): Promise<string[]> {
  const text = await readFile(file, "utf8").catch((cause) => Promise.reject(unreadable(file, cause)));
  const lines = text.split("\n").map((line, index) => ({ number: index + 1, word: line.replace(/#.*/, "").trim() }));
  const filled = lines.filter(({ word }) => word !== "");
  const wrong = filled.find(({ word }) => isIP(word) === 0);
  if (wrong) {
    const message = `${file}:${wrong.number}: ${JSON.stringify(wrong.word)} is no address; give one IPv4 or IPv6 address a line.`;
    throw new CommandError("USAGE", message);
  }
  if (filled.length === 0) throw new CommandError("USAGE", `${file} names no address; give one a line.`);
  return filled.map(({ word }) => word);
}

/** The targets of both options; undefined when neither was given. */
export async function collectTargets(options: {
  readonly target?: readonly string[];
  readonly targetsFile?: string;
}): Promise<readonly string[] | undefined> {
  const fromFile = options.targetsFile === undefined ? undefined : await readTargetsFile(options.targetsFile);
  return options.target || fromFile ? [...new Set([...(options.target ?? []), ...(fromFile ?? [])])] : undefined;
}
