// Command-line options for every leaf of a settings schema, and the values given back as one settings object.
import { CommandError } from "../errors.ts";

/** As much of a JSON schema as options are made from. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: string | number | boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly string[];
}

export interface Setting {
  /** Dotted: `bandwidth.share`. */
  readonly name: string;
  /** `bandwidth-share`. */
  readonly flag: string;
  /** With the default. */
  readonly description: string;
  readonly schema: Schema;
}

/** What commander collected: `set` as `name=value`, and one text for each flag in camel case. */
export interface GivenSettings {
  readonly set?: readonly string[];
  readonly [flag: string]: unknown;
}

type Settings = { [name: string]: unknown };

export function settingsOf(schema: Schema, outer: readonly string[] = []): Setting[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => {
    const names = [...outer, key];
    return inner.properties ? settingsOf(inner, names) : [setting(names, inner)];
  });
}

function setting(names: readonly string[], schema: Schema): Setting {
  const name = names.join(".");
  const fallback = schema.default === undefined ? "" : ` Default: ${schema.default}.`;
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll(".", "-");
  return { name, flag, schema, description: `${schema.description ?? ""}${fallback}` };
}

/** Flags win over `--set`. Throws `USAGE` for a `--set` that has no `=`; unknown names are left to the schema's check. */
export function readSettings(settings: readonly Setting[], given: GivenSettings): Settings {
  const result: Settings = {};
  for (const assignment of given.set ?? []) {
    const [, name, text] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
    if (name === undefined || text === undefined) {
      throw new CommandError("USAGE", `--set ${assignment} assigns nothing; give it as --set name=value.`);
    }
    const schema = settings.find((known) => known.name === name)?.schema;
    assign(result, name.split("."), schema ? valueOf(text, schema) : text);
  }
  for (const { name, flag, schema } of settings) {
    const text = given[camelCase(flag)];
    if (typeof text === "string") assign(result, name.split("."), valueOf(text, schema));
  }
  return result;
}

function camelCase(flag: string): string {
  return flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function assign(settings: Settings, [first = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    settings[first] = value;
    return;
  }
  const inner = settings[first];
  const group: Settings = typeof inner === "object" && inner !== null ? { ...inner } : {};
  assign(group, rest, value);
  settings[first] = group;
}

/** What is no number where one belongs stays text, so that the schema's check names it. */
function valueOf(text: string, schema: Schema): unknown {
  const range = /^(\d+)-(\d+)$/.exec(text);
  if (range && schema.anyOf?.some(isRange)) return { first: Number(range[1]), last: Number(range[2]) };
  const types = [schema, ...(schema.anyOf ?? [])].map(({ type }) => type);
  const isNumeric = types.some((type) => type === "integer" || type === "number");
  if (isNumeric && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (types.includes("boolean") && /^(true|yes|false|no)$/.test(text)) return /^(true|yes)$/.test(text);
  return text;
}

function isRange({ properties = {} }: Schema): boolean {
  return "first" in properties && "last" in properties;
}
