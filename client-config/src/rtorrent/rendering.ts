// Settings to the text of an rtorrent.rc.
import { readFileSync } from "node:fs";
import { Eta } from "eta";

import { bandwidthLimitKiBps } from "../bandwidth.ts";
import type { RtorrentSettings } from "./settings.ts";
import { completeSettings } from "./validation.ts";

const TEMPLATE = new URL("../../templates/rtorrent.rc.eta", import.meta.url);

// Not HTML: escaping would turn quotes into entities.
const eta = new Eta({ autoEscape: false, autoTrim: false });

/** With a higher one rtorrent 0.9.8 refuses to start: "Throttle rate must be between 0 and 2^30". */
const HIGHEST_LIMIT_KIBPS = 2 ** 20;

/**
 * The configuration of one host's rtorrent 0.9.8, to be started as `rtorrent -n -o import=FILE`.
 * @throws ConfigError `SETTINGS_INVALID` naming every fault
 */
export function renderRtorrent(settings: RtorrentSettings): string {
  const complete = completeSettings(settings);
  const { listenPort, bandwidth } = complete;
  const ports = typeof listenPort === "number" ? { first: listenPort, last: listenPort } : listenPort;
  return eta.renderString(readFileSync(TEMPLATE, "utf8"), {
    ...complete,
    portRange: `${ports.first}-${ports.last}`,
    limitKiBps: bandwidth ? Math.min(HIGHEST_LIMIT_KIBPS, bandwidthLimitKiBps(bandwidth)) : 0,
    yesNo: (value: boolean) => (value ? "yes" : "no"),
    quote: (path: string) => `"${path}"`,
  });
}
