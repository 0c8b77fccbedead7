// What `--print-config` prints: a YAML file for `--config` with every setting, its description and its value.
import { isDeepStrictEqual } from "node:util";
import { stringify } from "yaml";
import { checkSettings, type CheckedSettings, type ConfigSources } from "./config.ts";
import { withoutSecrets } from "./hidden-secrets.ts";
import { isSecret } from "./setting-sources.ts";
import { describeValues } from "./setting-values.ts";
import { flagOf, SETTINGS, type SettingName, type SettingSchema } from "./settings.ts";

const LONGEST_LINE = 100;
const HEAD = [
  "Settings of a Rackcast tracker, for: rackcast tracker --config FILE",
  "A line without # is a setting that was given; the others show their defaults: remove the # to change one.",
];

/** Undefined when it was not asked for. Throws `ConfigError` as `readConfig`. */
export function printConfig(sources: ConfigSources): string | undefined {
  const checked = checkSettings(sources);
  if (checked === "help" || !checked.flags.printConfig) return undefined;
  const sections = [...SETTINGS].map((setting) => printSetting(setting, checked));
  return [HEAD.flatMap(comment), ...sections].map((lines) => `${lines.join("\n")}\n`).join("\n");
}

function printSetting([name, schema]: readonly [SettingName, SettingSchema], checked: CheckedSettings): string[] {
  const { given, settings } = checked;
  const about = [...comment(schema.description), ...comment(`${flagOf(name)} takes ${describeValues(schema)}.`)];
  if (!given.has(name)) return [...about, `#${line(name, schema.default)}`];
  if (isSecret(name)) return [...about, ...comment("It is given, and not shown here."), `#${line(name, "")}`];
  const value = settings[name];
  const shown = schema.structured ? withoutSecrets(value) : value;
  if (isDeepStrictEqual(shown, value)) return [...about, line(name, value)];
  return [...about, ...comment("It is given, and what is secret in it is not shown here."), `#${line(name, shown)}`];
}

/** No value stands for empty text, which leaves a setting unset. */
function line(name: SettingName, value: unknown): string {
  if (value === "") return `${name}:`;
  return `${name}: ${stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trimEnd()}`;
}

function comment(text: string): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (longer.length < LONGEST_LINE) lines[lines.length - 1] = longer;
    else lines.push(` ${word}`);
  }
  return lines.map((one) => `#${one}`);
}
