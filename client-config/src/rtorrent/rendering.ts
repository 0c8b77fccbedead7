// Settings to the text of an rtorrent.rc.
import { bandwidthLimitKiBps } from "../bandwidth.ts";
import { portRangeOf } from "../shared-settings.ts";
import { fillTemplate } from "../template.ts";
import { completeSettings } from "../validation.ts";
import { RTORRENT_SETTINGS, type RtorrentSettings } from "./settings.ts";
import { RTORRENT_DIALECTS } from "./versions.ts";

/** With a higher one rtorrent refuses to start: "Throttle rate must be between 0 and 2^30". */
const HIGHEST_LIMIT_KIBPS = 2 ** 20;

/**
 * The configuration of one host's rtorrent, to be started as `rtorrent -n -o import=FILE`.
 * @throws ConfigError `SETTINGS_INVALID` naming every fault
 */
export function renderRtorrent(settings: RtorrentSettings): string {
  const complete = completeSettings(RTORRENT_SETTINGS, settings);
  const { listenPort, bandwidth, version } = complete;
  const ports = portRangeOf(listenPort);
  return fillTemplate("rtorrent.rc", {
    ...complete,
    ...RTORRENT_DIALECTS[version],
    portRange: `${ports.first}-${ports.last}`,
    limitKiBps: bandwidth ? Math.min(HIGHEST_LIMIT_KIBPS, bandwidthLimitKiBps(bandwidth)) : 0,
    yesNo: (value: boolean) => (value ? "yes" : "no"),
    quote: (path: string) => `"${path}"`,
  });
}
