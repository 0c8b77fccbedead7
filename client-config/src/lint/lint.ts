// Checks a client's configuration: does it keep to the tracker's peers, does the client take it, does it serve the rack?
import { DEFAULT_RTORRENT_VERSION, type RtorrentVersion } from "../rtorrent/versions.ts";
import { lintAria2 } from "./aria2.ts";
import type { LintClient } from "./client-guess.ts";
import { type Fault, type Finding, findingOf } from "./finding.ts";
import { lintQBittorrent } from "./qbittorrent.ts";
import { lintRtorrent } from "./rtorrent/lint.ts";
import { lintTransmission } from "./transmission.ts";

export interface LintOptions {
  readonly client: LintClient;
  /** Of rtorrent; the others' versions take the same files. */
  readonly rtorrentVersion?: RtorrentVersion;
}

/** In the order of the lines. Never throws, whatever the text. */
export function lintConfig(
  text: string,
  { client, rtorrentVersion = DEFAULT_RTORRENT_VERSION }: LintOptions,
): Finding[] {
  return faultsOf(text, client, rtorrentVersion)
    .map(findingOf)
    .sort((a, b) => a.line - b.line || a.rule.localeCompare(b.rule));
}

function faultsOf(text: string, client: LintClient, version: RtorrentVersion): Fault[] {
  switch (client) {
    case "rtorrent":
      return lintRtorrent(text, version);
    case "transmission":
      return lintTransmission(text);
    case "aria2":
      return lintAria2(text);
    case "qbittorrent":
      return lintQBittorrent(text);
  }
}
