// A file that deltas go to, as people write it: `/var/log/rackcast/deltas.ndjson?rotate=100MiB&keep=10`, or the same after `file://`.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { FileRotation, FileSinkSettings } from "../accounting/sinks/sink-settings.ts";
import { countOf, faultyOptions } from "./sink-options.ts";

const OPTIONS = ["rotate", "keep"];

/** Text is what is wrong. */
export function readFileSink(text: string): FileSinkSettings | string {
  if (text.startsWith("/")) return readPlainPath(text);
  const remedy = "write file:///var/log/rackcast/deltas.ndjson, with three slashes";
  if (!/^file:\/\/(localhost)?\//i.test(text)) return `names no absolute path; ${remedy}`;
  const url = URL.parse(text);
  const path = url === null || url.hash !== "" ? undefined : pathOf(url);
  return url === null || path === undefined ? `is no address of a file; ${remedy}` : settled(path, url.searchParams);
}

/** Up to the first question mark it is the path as it is. */
function readPlainPath(text: string): FileSinkSettings | string {
  const [path = "", ...query] = text.split("?");
  return settled(path, new URLSearchParams(query.join("?")));
}

function pathOf(url: URL): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    // A percent sign that encodes nothing, or a slash.
    return undefined;
  }
}

function settled(path: string, options: URLSearchParams): FileSinkSettings | string {
  if (path.includes("\0") || path.endsWith("/")) return "names no file; end it with the name of one";
  const problem = faultyOptions(options, OPTIONS);
  if (problem !== undefined) return problem;
  const rotation = rotationOf(options);
  return typeof rotation === "string" ? rotation : { file: resolve(path), rotation };
}

const UNIT_BYTES: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
const LEAST_BYTES = 2 ** 20;
const MOST_FILES = 10_000;

function rotationOf(options: URLSearchParams): FileRotation | string | undefined {
  const [size, count] = [options.get("rotate"), options.get("keep")];
  if (size === null) return count === null ? undefined : "says what to keep, but not when to rotate; add rotate=100MiB";
  const { number, unit = "" } = /^(?<number>\d{1,12})(?<unit>[KMG]iB)$/.exec(size)?.groups ?? {};
  const atBytes = Number(number) * (UNIT_BYTES[unit] ?? Number.NaN);
  if (!(atBytes >= LEAST_BYTES)) return "has no size to rotate at; write it like rotate=100MiB, 1MiB at least";
  const keep = countOf(count, MOST_FILES);
  if (count !== null && keep === undefined) return `has no number of files to keep; write it like keep=10`;
  return { atBytes, keep };
}
