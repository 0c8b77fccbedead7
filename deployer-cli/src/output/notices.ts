// What is worth saying of a torrent besides the result.
import { isIP } from "node:net";
import type { Payload } from "../torrent/payload.ts";
import { formatBytes, formatCount } from "./units.ts";
import { oneLine } from "./table.ts";
import type { Torrent } from "../torrent/torrent-reading.ts";

export function payloadNotices({ followedLinks, emptyFolders }: Payload): string[] {
  const notices: string[] = [];
  if (followedLinks.length > 0) {
    notices.push(`Note: followed ${counted(followedLinks, "symbolic link")}; hosts get a copy of what they point to.`);
  }
  if (emptyFolders.length > 0) {
    notices.push(`Note: left out ${counted(emptyFolders, "empty folder")}; a torrent carries files only.`);
  }
  return notices;
}

/** Undefined when the URL serves other hosts, or when none of another host is meant. */
export function loopbackNotice(announceUrl: string, hosts: readonly string[] = []): string | undefined {
  if (!isLoopback(new URL(announceUrl).hostname) || (hosts.length > 0 && hosts.every(isLoopback))) return undefined;
  return `Note: other hosts cannot announce to ${announceUrl}; give --announce with a URL that they reach.`;
}

export function torrentLines(torrent: Torrent): string[] {
  return [
    `name       ${oneLine(torrent.name)}`,
    `info-hash  ${torrent.infoHash}`,
    `size       ${formatBytes(torrent.lengthBytes)} in ${formatCount(torrent.files.length, "file")}`,
    `pieces     ${torrent.pieceCount} of ${formatBytes(torrent.pieceLengthBytes)}`,
  ];
}

function counted(paths: readonly string[], what: string): string {
  const [first = ""] = paths;
  return paths.length === 1 ? `the ${what} ${oneLine(first)}` : `${paths.length} ${what}s (${oneLine(first)}, …)`;
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "");
  return bare === "localhost" || bare === "::1" || (isIP(bare) === 4 && bare.startsWith("127."));
}
