// Settings to the script by which a host pulls its releases, and to what starts that script again and again.
import { basename, dirname } from "node:path/posix";

import { fillTemplate } from "../template.ts";
import type { CompletePullSettings, PullSettings } from "./settings.ts";
import { completePullSettings } from "./validation.ts";

/** One script in the order of reading, because hosts get one file. */
const SCRIPT_PARTS = ["settings", "tracker", "records", "client", "verification", "transfers", "main"];

export const PULL_UNITS = ["rackcast-pull.service", "rackcast-pull.timer", "rackcast-pull.cron"] as const;

/**
 * The POSIX shell script of one host; it drives an rtorrent whose configuration has the same `watchDirectory`.
 * @throws ConfigError `SETTINGS_INVALID` naming every fault
 */
export function renderPullAgent(settings: PullSettings): string {
  const complete = completePullSettings(settings);
  const values = { ...complete, linkPrefix: linkPrefix(complete), quote };
  return SCRIPT_PARTS.map((part) => fillTemplate(`pull/${part}.sh`, values)).join("");
}

/**
 * By file name: a systemd service and its timer, and for hosts without systemd a file for /etc/cron.d.
 * @throws ConfigError `SETTINGS_INVALID` naming every fault
 */
export function renderPullUnits(settings: PullSettings): Readonly<Record<(typeof PULL_UNITS)[number], string>> {
  const complete = completePullSettings(settings);
  const data = { ...complete, spreadSeconds: Math.max(1, Math.floor(complete.everySeconds / 3)) };
  const render = (unit: (typeof PULL_UNITS)[number]) => fillTemplate(`pull/${unit}`, data);
  const [service, timer, cron] = PULL_UNITS;
  return { [service]: render(service), [timer]: render(timer), [cron]: render(cron) };
}

/** Relative where the folders are neighbours, so that links hold when both are mounted elsewhere. */
function linkPrefix({ releasesDirectory, currentDirectory }: CompletePullSettings): string {
  const isBeside = dirname(releasesDirectory) === dirname(currentDirectory);
  return `${isBeside ? `../${basename(releasesDirectory)}` : releasesDirectory}/`;
}

/** For a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
