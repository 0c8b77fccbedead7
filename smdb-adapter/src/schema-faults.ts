// What a schema dislikes of a value, in words for who wrote it.
import type { TObject, TSchema } from "typebox";
import { Value } from "typebox/value";
import { nearestName } from "./nearest-name.ts";

export interface SchemaFault {
  /** `RESOLVERS[2].prefixes`. */
  readonly source: string;
  readonly problem: string;
}

interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
}

/** Every fault, one for each place; never with the value itself, which may be a secret. `source` is where the value was written. */
export function schemaFaults(schema: TObject, value: unknown, source: string): SchemaFault[] {
  const errors = (Value.Errors(schema, value) as SchemaError[]).filter(({ keyword }) => keyword !== "boolean");
  return [...Map.groupBy(errors, ({ instancePath }) => instancePath)].flatMap(([place, found]) => {
    const steps = place.split("/").slice(1).map(unescaped);
    const at = sourceOf(source, steps);
    const named = found.flatMap((error) => namedFaults(error, at, schemaAt(schema, steps)));
    const problems = found.map(problemOf).filter((problem) => problem !== undefined);
    return problems.length === 0 ? named : [...named, { source: at, problem: [...new Set(problems)].join(", or ") }];
  });
}

/** Properties that are missing or too many; each is a place of its own. */
function namedFaults({ keyword, params }: SchemaError, at: string, schema: TSchema | undefined): SchemaFault[] {
  const properties = propertiesOf(schema);
  if (keyword === "required") {
    return listed(params, "requiredProperties").map((name) => ({
      source: `${at}.${name}`,
      problem: `is missing; write ${descriptionOf(properties[name])}`,
    }));
  }
  if (keyword !== "additionalProperties") return [];
  return listed(params, "additionalProperties").map((name) => {
    const nearest = nearestName(name, Object.keys(properties));
    return {
      source: `${at}.${name}`,
      problem: `is no setting here; ${nearest ? `is ${nearest} meant?` : "remove it"}`,
    };
  });
}

function problemOf({ keyword, params, message }: SchemaError): string | undefined {
  if (["required", "additionalProperties", "anyOf"].includes(keyword)) return undefined;
  return keyword === "enum" ? `must be one of ${listed(params, "allowedValues").join(", ")}` : message;
}

function listed(params: object, name: string): string[] {
  const value = (params as Readonly<Record<string, unknown>>)[name];
  return Array.isArray(value) ? value.map(String) : [];
}

function schemaAt(schema: TSchema, steps: readonly string[]): TSchema | undefined {
  return steps.reduce<TSchema | undefined>((inner, step) => propertiesOf(inner)[step], schema);
}

function propertiesOf(schema: TSchema | undefined): Readonly<Record<string, TSchema>> {
  return (schema as Partial<TObject> | undefined)?.properties ?? {};
}

function descriptionOf(schema: TSchema | undefined): string {
  return (schema as { readonly description?: string } | undefined)?.description ?? "it";
}

function sourceOf(source: string, steps: readonly string[]): string {
  return steps.reduce((at, step) => (/^\d+$/.test(step) ? `${at}[${step}]` : `${at}.${step}`), source);
}

/** Of a JSON pointer. */
function unescaped(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}
