// Settings to the text of Transmission's settings.json.
import { bandwidthLimitKiBps } from "../bandwidth.ts";
import { fillTemplate } from "../template.ts";
import { completeSettings } from "../validation.ts";
import { TRANSMISSION_SETTINGS, type TransmissionSettings } from "./settings.ts";

/**
 * The settings.json of one host, to be put into a folder of its own: `transmission-daemon -f --config-dir FOLDER`.
 * @throws ConfigError `SETTINGS_INVALID` naming every fault
 */
export function renderTransmission(settings: TransmissionSettings): string {
  const complete = completeSettings(TRANSMISSION_SETTINGS, settings);
  return fillTemplate("transmission.json", {
    ...complete,
    isLimited: complete.bandwidth !== undefined,
    // A rate that is not limited is not read either.
    limitKBps: complete.bandwidth ? kilobytesPerSecond(bandwidthLimitKiBps(complete.bandwidth)) : 0,
    // 3.00 takes a number only; 4.x takes that too.
    umaskNumber: Number.parseInt(complete.umask, 8),
    quote: (text: string) => JSON.stringify(text),
  });
}

/** Transmission counts in thousands of bytes. */
function kilobytesPerSecond(kiBps: number): number {
  return Math.max(1, Math.floor((kiBps * 1024) / 1000));
}
