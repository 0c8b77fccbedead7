// Whether the tracker speaks TLS too, out of the settings: all three of them, or none.
import type { ConfigFault } from "./faults.ts";
import type { GivenValue } from "./setting-sources.ts";
import type { SettingName, Settings } from "./settings.ts";

export interface TlsConfig {
  readonly port: number;
  readonly certFile: string;
  readonly keyFile: string;
}

export function tlsConfigOf(settings: Settings): TlsConfig | undefined {
  if (settings.TLS_PORT === 0) return undefined;
  return { port: settings.TLS_PORT, certFile: settings.TLS_CERT, keyFile: settings.TLS_KEY };
}

/** What no single setting is to blame for. */
export function tlsFaults(settings: Settings, given: ReadonlyMap<SettingName, GivenValue>): ConfigFault[] {
  const sourceOf = (name: SettingName) => given.get(name)?.source ?? name;
  const files = (["TLS_CERT", "TLS_KEY"] as const).map((name) => ({ name, isGiven: settings[name] !== "" }));
  if (settings.TLS_PORT === 0) {
    const problem = "is given, but TLS_PORT is 0, which is no TLS; set TLS_PORT, or remove it";
    return files.filter(({ isGiven }) => isGiven).map(({ name }) => ({ source: sourceOf(name), problem }));
  }
  const problem = "is missing: TLS_PORT needs a certificate and its key; give TLS_CERT and TLS_KEY";
  const faults = files.filter(({ isGiven }) => !isGiven).map(({ name }) => ({ source: sourceOf(name), problem }));
  if (settings.TLS_PORT === settings.PORT) {
    faults.push({ source: sourceOf("TLS_PORT"), problem: "is PORT, too; give TLS a port of its own" });
  }
  return faults;
}
