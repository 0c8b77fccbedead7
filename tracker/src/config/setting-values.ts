// One setting's value: read from text, checked against its schema, and described for people.
import { Value } from "typebox/value";
import { parse } from "yaml";
import type { SettingSchema } from "./settings.ts";

const WORDS = new Map([
  ...["1", "true", "yes", "on"].map((word) => [word, true] as const),
  ...["0", "false", "no", "off"].map((word) => [word, false] as const),
]);

/** What is no value of the setting's type stays as it is, so that the check refuses it. */
export function valueOfText(text: string, schema: SettingSchema): unknown {
  const trimmed = text.trim();
  if (schema.structured) return valueOfYaml(trimmed) ?? text;
  switch (schema.type) {
    case "integer":
    case "number":
      return /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : text;
    case "boolean":
      return WORDS.get(trimmed.toLowerCase()) ?? text;
    case "array":
      return trimmed === "" ? [] : trimmed.split(",").map((item) => item.trim());
    case "object":
      return trimmed === "" ? {} : (pairs(trimmed) ?? text);
    default:
      return text;
  }
}

function valueOfYaml(text: string): unknown {
  try {
    return parse(text, { logLevel: "error" }) as unknown;
  } catch {
    return undefined;
  }
}

function pairs(text: string): Record<string, unknown> | undefined {
  const entries = text.split(",").map((pair) => /^\s*([^:\s]+)\s*:\s*(\d+)\s*$/.exec(pair));
  const names = new Set(entries.map((entry) => entry?.[1]));
  if (names.has(undefined) || names.size < entries.length) return undefined;
  return Object.fromEntries(entries.map((entry) => [entry?.[1], Number(entry?.[2])]));
}

export function isValueOf(schema: SettingSchema, value: unknown): boolean {
  return Value.Check(schema, value);
}

/** `a whole number from 0 to 65535`. */
export function describeValues(schema: SettingSchema): string {
  const { minimum, maximum, examples } = schema;
  const example = examples?.[0] === undefined ? "" : `, such as ${examples[0]}`;
  if (schema.structured) return `a list in YAML${example}`;
  if (schema.enum) return `one of ${schema.enum.join(", ")}`;
  switch (schema.type) {
    case "integer":
      return `a whole number from ${minimum} to ${maximum}`;
    case "number":
      return `a number from ${minimum} to ${maximum}`;
    case "boolean":
      return "true or false";
    case "array":
      return `a list with commas${example}`;
    case "object":
      return `level:number with commas${example}`;
    default:
      return schema.pattern === undefined || example !== "" ? `text${example}` : "printable ASCII without spaces";
  }
}

/** The way a value is written in the environment. */
export function textOfValue(value: unknown): string {
  if (Array.isArray(value)) return value.join(",");
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .map(([name, number]) => `${name}:${String(number)}`)
      .join(",");
  }
  return String(value);
}
