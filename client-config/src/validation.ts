// Checks settings against their schema and against each other, and names every fault at once.
import type { Static, TObject, TSchema } from "typebox";
import { Check, Clone, Default, Errors } from "typebox/value";

import { ConfigError, type ConfigFault } from "./errors.ts";
import { unknownSetting } from "./unknown-setting.ts";

/** Says of one relation between settings whether it holds, and what is wrong where it does not. */
export type CheckRelation = (setting: string, holds: boolean, problem: string) => void;

export interface SettingsKind<Schema extends TObject> {
  /** As messages call what is configured, such as `rtorrent`. */
  readonly subject: string;
  readonly schema: Schema;
  /** What the schema cannot say; asked only of settings that fit it. */
  relate(settings: Static<Schema>, check: CheckRelation): void;
}

/**
 * Fills in the defaults.
 * @throws ConfigError `SETTINGS_INVALID` with every fault
 */
export function completeSettings<Schema extends TObject>(
  { subject, schema, relate }: SettingsKind<Schema>,
  settings: unknown,
): Static<Schema> {
  const filled: unknown = Default(schema, Clone(settings));
  if (!Check(schema, filled)) return refuse(subject, schemaFaults(schema, filled));
  const faults: ConfigFault[] = [];
  relate(filled, (setting, holds, problem) => void (holds || faults.push({ setting, problem })));
  return faults.length === 0 ? filled : refuse(subject, faults);
}

function refuse(subject: string, faults: ConfigFault[]): never {
  throw new ConfigError("SETTINGS_INVALID", `${subject} cannot be configured with these settings`, faults);
}

function schemaFaults(schema: TObject, settings: unknown): ConfigFault[] {
  if (typeof settings !== "object" || settings === null) return [{ setting: "(all)", problem: "must be an object" }];
  const given = new Map<string, unknown>(Object.entries(settings));
  const known = Object.entries<TSchema>(schema.properties);
  const required: readonly string[] = schema.required;
  // One setting at a time, because the validator ends its list after a few errors.
  const faults = known.flatMap(([name, inner]) => {
    if (given.has(name)) return settingFaults(name, inner, given.get(name));
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
