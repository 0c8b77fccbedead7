// Settings to the text of an aria2.conf.
import { bandwidthLimitKiBps } from "../bandwidth.ts";
import { portRangeOf } from "../shared-settings.ts";
import { fillTemplate } from "../template.ts";
import { completeSettings } from "../validation.ts";
import { ARIA2_SETTINGS, type Aria2Settings } from "./settings.ts";

/**
 * The configuration of one host's aria2, to be started as `aria2c --conf-path=FILE`.
 * @throws ConfigError `SETTINGS_INVALID` naming every fault
 */
export function renderAria2(settings: Aria2Settings): string {
  const complete = completeSettings(ARIA2_SETTINGS, settings);
  const { first, last } = portRangeOf(complete.listenPort);
  return fillTemplate("aria2.conf", {
    ...complete,
    ports: first === last ? `${first}` : `${first}-${last}`,
    limit: complete.bandwidth ? `${bandwidthLimitKiBps(complete.bandwidth)}K` : "0",
  });
}
