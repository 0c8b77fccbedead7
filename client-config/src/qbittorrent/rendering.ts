// Settings to the text of a qBittorrent.conf.
import { bandwidthLimitKiBps } from "../bandwidth.ts";
import { fillTemplate } from "../template.ts";
import { completeSettings } from "../validation.ts";
import { QBITTORRENT_SETTINGS, type QBittorrentSettings } from "./settings.ts";

/**
 * The qBittorrent.conf of one host, to be put into `PROFILE/qBittorrent/config/`: `qbittorrent-nox --profile=PROFILE`.
 * @throws ConfigError `SETTINGS_INVALID` naming every fault
 */
export function renderQBittorrent(settings: QBittorrentSettings): string {
  const complete = completeSettings(QBITTORRENT_SETTINGS, settings);
  return fillTemplate("qBittorrent.conf", {
    ...complete,
    limitKiBps: complete.bandwidth ? bandwidthLimitKiBps(complete.bandwidth) : 0,
    // Qt takes a comma for the end of a value, and these for an escape or the start of a comment, unless it is quoted.
    quote: (text: string) => (/[,;=%@ ]/.test(text) ? `"${text}"` : text),
  });
}
