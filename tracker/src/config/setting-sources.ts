// Where settings come from: flags, environment variables and an optional YAML file.
import { parseArgs } from "node:util";
import { parseDocument } from "yaml";
import type { ConfigFault } from "./faults.ts";
import { valueOfText } from "./setting-values.ts";
import { findSetting, flagOf, SETTINGS, type SettingName } from "./settings.ts";

/** A value that somebody set, not yet checked. */
export interface GivenValue {
  /** For messages: `--port`, `PORT`, `rackcast.yaml: PORT`. */
  readonly source: string;
  readonly value: unknown;
  /** As it was written. */
  readonly written: string;
}

export interface GivenSettings {
  readonly values: ReadonlyMap<SettingName, GivenValue>;
  readonly faults: readonly ConfigFault[];
}

export interface GivenFlags extends GivenSettings {
  readonly help: boolean;
  readonly printConfig: boolean;
  readonly configFile: string | undefined;
}

const FLAGS = new Map([...SETTINGS].map(([name, schema]) => [flagOf(name).slice(2), { name, schema }]));
const OPTIONS = Object.fromEntries([
  ...[...FLAGS].map(
    ([flag, { schema }]) => [flag, { type: schema.type === "boolean" ? "boolean" : "string" }] as const,
  ),
  ["config", { type: "string" }] as const,
  ["print-config", { type: "boolean" }] as const,
  ["help", { type: "boolean", short: "h" }] as const,
]);

export function readFlags(args: readonly string[]): GivenFlags {
  const { tokens } = parseArgs({ args: [...args], options: OPTIONS, strict: false, tokens: true });
  const values = new Map<SettingName, GivenValue>();
  const faults: ConfigFault[] = [];
  let help = false;
  let printConfig = false;
  let configFile: string | undefined;
  let strange = -2;
  for (const token of tokens) {
    // What stands behind an unknown flag is its value, and no fault of its own.
    if (token.kind === "positional" && token.index !== strange + 1)
      faults.push({ source: token.value, problem: "belongs to no flag; see --help" });
    if (token.kind !== "option") continue;
    const flag = FLAGS.get(token.name);
    const source = token.rawName;
    if (token.name === "help" || token.name === "h") help = true;
    else if (token.name === "print-config") printConfig = true;
    else if (flag === undefined && token.name !== "config") {
      strange = token.index;
      faults.push({ source, problem: unknown(token.name, [...FLAGS.keys()]) });
    } else if (flag?.schema.type === "boolean") values.set(flag.name, given(source, token.value ?? "true", flag.name));
    else if (token.value === undefined) faults.push({ source, problem: "has no value; write one behind it" });
    else if (flag === undefined) configFile = token.value;
    else values.set(flag.name, given(source, token.value, flag.name));
  }
  return { values, faults, help, printConfig, configFile };
}

/** Variables that are none of ours are ignored, and an empty one is not set. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): GivenSettings {
  const values = new Map<SettingName, GivenValue>();
  for (const name of SETTINGS.keys()) {
    const text = env[name];
    if (text !== undefined && text !== "") values.set(name, given(name, text, name));
  }
  return { values, faults: [] };
}

/** `text` is a YAML mapping from names, as in the environment, to values; `null` leaves a setting unset. */
export function readYaml(text: string, file: string): GivenSettings {
  const document = parseDocument(text, { prettyErrors: true });
  const values = new Map<SettingName, GivenValue>();
  const broken = document.errors.map(({ message }) => ({ source: file, problem: firstLine(message) }));
  if (broken.length > 0) return { values, faults: broken };
  const settings: unknown = document.toJS();
  if (settings === null) return { values, faults: [] };
  if (typeof settings !== "object" || Array.isArray(settings)) {
    return { values, faults: [{ source: file, problem: "is no mapping; write lines such as PORT: 6969" }] };
  }
  const faults: ConfigFault[] = [];
  for (const [key, value] of Object.entries(settings) as [string, unknown][]) {
    const name = findSetting(key);
    const source = `${file}: ${key}`;
    if (name === undefined) faults.push({ source, problem: unknown(key, [...SETTINGS.keys()]) });
    else if (typeof value === "string") values.set(name, given(source, value, name));
    else if (value !== null) values.set(name, { source, value, written: writtenAs(name, value) });
  }
  return { values, faults };
}

function given(source: string, text: string, name: SettingName): GivenValue {
  const schema = SETTINGS.get(name);
  return { source, value: schema === undefined ? text : valueOfText(text, schema), written: writtenAs(name, text) };
}

const SECRETS: ReadonlySet<SettingName> = new Set([
  "UDP_SECRET",
  "API_TOKEN",
  "REDIS_URL",
  "REDIS_PASSWORD",
  "REDIS_SENTINEL_PASSWORD",
  "ACCOUNTING_SINK",
  "ACCOUNTING_SINK_SECRET",
]);

/** Passwords and tokens, and what may hold one. */
export function isSecret(name: SettingName): boolean {
  return SECRETS.has(name);
}

/** A secret that is refused must not end up in a log all the same. */
function writtenAs(name: SettingName, value: unknown): string {
  return isSecret(name) || SETTINGS.get(name)?.structured ? "something else (not shown)" : JSON.stringify(value);
}

function unknown(name: string, known: readonly string[]): string {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z]/g, "");
  const close =
    known.find((one) => plain(one) === plain(name)) ?? known.find((one) => plain(one).startsWith(plain(name)));
  return close === undefined || plain(name) === ""
    ? "is no setting of the tracker; remove it"
    : `is no setting of the tracker; is ${close} meant?`;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}
