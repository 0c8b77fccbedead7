// The manifest of a release: what hosts compare their files with, in the form that `sha256sum --check` reads.
import { CommandError } from "../errors.ts";
import type { Torrent } from "./torrent-reading.ts";

/**
 * A line that names the release, then one of GNU sha256sum for every file, in the torrent's order; paths begin with the torrent's name.
 * The tracker prints the same of the same torrent. Throws `TORRENT_MALFORMED` for a torrent without SHA-256.
 */
export function printManifest({ infoHash, name, isSingleFile, files }: Torrent): string {
  const lines = files.map(({ path, sha256 }) => {
    if (sha256 !== undefined) return checksumLine(sha256, isSingleFile ? name : `${name}/${path}`);
    const remedy = "build it with: rackcast build <path>";
    throw new CommandError(
      "TORRENT_MALFORMED",
      `${name} carries no SHA-256 of ${path}, so hosts cannot verify it; ${remedy}`,
    );
  });
  return [`# rackcast manifest 1 ${infoHash} ${escaped(name)}`, ...lines, ""].join("\n");
}

function checksumLine(sha256: string, path: string): string {
  const text = escaped(path);
  return `${text === path ? "" : "\\"}${sha256}  ${text}`;
}

function escaped(path: string): string {
  return path
    .replace(/\\/g, String.raw`\\`)
    .replace(/\n/g, String.raw`\n`)
    .replace(/\r/g, String.raw`\r`);
}
