// The list by which a host checks what it has of a release: a torrent's files as `sha256sum --check` reads them.
import type { TorrentFile } from "./torrent-file.ts";

/**
 * One line a file, in the torrent's order, with paths relative to the folder that holds the payload, after a comment that names the
 * release. What is signed is these bytes. Undefined for a torrent that does not carry the SHA-256 of all its files.
 */
export function printManifest({ infoHash, name, files, isFolder }: TorrentFile): string | undefined {
  const lines = [`# rackcast manifest 1 ${infoHash} ${escapeName(name)}\n`];
  for (const { path, sha256 } of files) {
    if (sha256 === undefined) return undefined;
    lines.push(printLine(sha256, isFolder ? `${name}/${path}` : path));
  }
  return lines.join("");
}

/** As GNU sha256sum prints it: a line with an escape in its name begins with a backslash. */
function printLine(sha256: string, path: string): string {
  const escaped = escapeName(path);
  return `${escaped === path ? "" : "\\"}${sha256}  ${escaped}\n`;
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r" };

function escapeName(name: string): string {
  return name.replace(/[\\\n\r]/g, (character) => ESCAPES[character] ?? character);
}
