// Settings to the text of a systemd unit.
import { fillTemplate } from "../template.ts";
import { completeSettings } from "../validation.ts";
import { CLIENT_SERVICES } from "./client-services.ts";
import { type CompleteSystemdSettings, SYSTEMD_SETTINGS, type SystemdSettings } from "./settings.ts";

/**
 * The unit of one host's client, for /etc/systemd/system.
 * @throws ConfigError `SETTINGS_INVALID` naming every fault
 */
export function renderSystemd(settings: SystemdSettings): string {
  const complete = completeSettings(SYSTEMD_SETTINGS, settings);
  const service = CLIENT_SERVICES[complete.client];
  const { configFile, directory, stateDirectory, logDirectory } = complete;
  const executable = complete.executable ?? service.executable;
  const writable = [directory, stateDirectory, ...(logDirectory ? [logDirectory] : []), ...service.writes(complete)];
  return fillTemplate("client.service", {
    ...complete,
    ...service,
    before: service.before(complete),
    command: [executable, ...service.args(complete)].join(" "),
    writable: [...new Set(writable)].join(" "),
    protectHome: isUnderHome([configFile, ...writable]) ? "read-only" : "yes",
  });
}

/** A home that is hidden hides the folders in it that are to be written. */
function isUnderHome(paths: readonly CompleteSystemdSettings["directory"][]): boolean {
  return paths.some((path) => /^\/(home|root|run\/user)(\/|$)/.test(path));
}
