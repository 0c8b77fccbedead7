// Checks rtorrent settings against their schema and against each other, and names every fault at once.
import { isIPv4 } from "node:net";
import type { TSchema } from "typebox";
import { Check, Clone, Default, Errors } from "typebox/value";

import { ConfigError, type ConfigFault } from "../errors.ts";
import { unknownSetting } from "../unknown-setting.ts";
import { type CompleteRtorrentSettings, type RtorrentSettings, RtorrentSettingsSchema } from "./settings.ts";

/** What a Unix socket's address has room for (`sun_path` of unix(7), less its closing zero). */
const LONGEST_SOCKET_PATH_BYTES = 107;

/**
 * Fills in the defaults.
 * @throws ConfigError `SETTINGS_INVALID` with every fault
 */
export function completeSettings(settings: RtorrentSettings): CompleteRtorrentSettings {
  const filled: unknown = Default(RtorrentSettingsSchema, Clone(settings));
  if (!Check(RtorrentSettingsSchema, filled)) return refuse(schemaFaults(filled));
  const faults = relationFaults(filled);
  return faults.length === 0 ? filled : refuse(faults);
}

function refuse(faults: ConfigFault[]): never {
  throw new ConfigError("SETTINGS_INVALID", "rtorrent cannot be configured with these settings", faults);
}

function schemaFaults(settings: unknown): ConfigFault[] {
  if (typeof settings !== "object" || settings === null) return [{ setting: "(all)", problem: "must be an object" }];
  const given = new Map<string, unknown>(Object.entries(settings));
  const known = Object.entries<TSchema>(RtorrentSettingsSchema.properties);
  const required: readonly string[] = RtorrentSettingsSchema.required;
  // One setting at a time, because the validator ends its list after a few errors.
  const faults = known.flatMap(([name, schema]) => {
    if (given.has(name)) return settingFaults(name, schema, given.get(name));
    return required.includes(name) ? [{ setting: name, problem: "is missing" }] : [];
  });
  const unknown = [...given.keys()].filter((name) => !known.some(([other]) => other === name));
  const names = known.map(([name]) => name);
  return [...faults, ...unknown.map((setting) => ({ setting, problem: unknownSetting(setting, names) }))];
}

function settingFaults(name: string, schema: TSchema, value: unknown): ConfigFault[] {
  if (Check(schema, value)) return [];
  if ("rule" in schema) return [{ setting: name, problem: String(schema.rule) }];
  const parts = "properties" in schema ? Object.keys(schema.properties as object) : [];
  return Errors(schema, value).flatMap((error) => {
    const path = [name, ...error.instancePath.split("/").slice(1)];
    const fault = (problem: string, ...rest: string[]) => ({ setting: [...path, ...rest].join("."), problem });
    if (error.keyword === "required") return error.params.requiredProperties.map((rest) => fault("is missing", rest));
    if (error.keyword === "additionalProperties")
      return error.params.additionalProperties.map((rest) => fault(unknownSetting(rest, parts), rest));
    // The refusal of an unknown key is reported twice: for its object, as above, and for itself.
    return error.keyword === "boolean" ? [] : [fault(error.message)];
  });
}

function relationFaults(settings: CompleteRtorrentSettings): ConfigFault[] {
  const { scgiSocket, listenPort, bindAddress, directory, sessionDirectory } = settings;
  const faults: ConfigFault[] = [];
  const check = (setting: string, holds: boolean, problem: string) => holds || faults.push({ setting, problem });
  const socketBytes = Buffer.byteLength(scgiSocket);
  check("sessionDirectory", sessionDirectory !== directory, "must not be the directory of the payloads");
  check(
    "scgiSocket",
    socketBytes <= LONGEST_SOCKET_PATH_BYTES,
    `must be at most ${LONGEST_SOCKET_PATH_BYTES} bytes long, it has ${socketBytes}`,
  );
  check(
    "listenPort",
    typeof listenPort === "number" || listenPort.first <= listenPort.last,
    "must not end before it begins",
  );
  check(
    "bindAddress",
    bindAddress === undefined || isIPv4(bindAddress),
    "must be an IPv4 address: rtorrent 0.9.8 refuses to start with an IPv6 one",
  );
  return faults;
}
