// The list of resolvers as people write it (`RESOLVERS`), read against the kinds there are: sound definitions, or every fault of all of them.
import { type TObject, Type } from "typebox";
import { Value } from "typebox/value";
import { nearestName } from "./nearest-name.ts";
import type { ResolverKind } from "./resolver-kind.ts";
import { RESOLVER_KINDS } from "./resolver-kinds.ts";
import { schemaFaults } from "./schema-faults.ts";

/** One resolver to start. */
export interface ResolverDefinition {
  readonly kind: ResolverKind;
  /** Unique among the definitions. */
  readonly name: string;
  /** Where it was written: `RESOLVERS[2]`. */
  readonly source: string;
  /** Those of its kind alone, complete. */
  readonly settings: object;
  readonly timeoutSeconds: number;
  /** Undefined: what holds for all. */
  readonly ttlSeconds: number | undefined;
  readonly negativeTtlSeconds: number | undefined;
}

export interface WrittenDefinition {
  /** `RESOLVERS[2]`, or the name of a setting that is short for a definition. */
  readonly source: string;
  readonly value: unknown;
}

export interface DefinitionFault {
  /** `RESOLVERS[2].prefixes`. */
  readonly source: string;
  /** What is wrong and what to write instead; never the value, which may be a secret. */
  readonly problem: string;
}

const DEFAULT_TIMEOUT_SECONDS = 10;
const seconds = (minimum: number, description: string) =>
  Type.Optional(Type.Number({ minimum, maximum: 86_400, description }));

/** Settings that every kind has. */
const COMMON_SETTINGS = {
  type: Type.String({ description: "the kind of resolver" }),
  name: Type.Optional(
    Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$", description: "a name of letters, digits, _, . and -" }),
  ),
  timeout: seconds(0.05, "seconds after which a lookup, or reading what it answers from, has failed"),
};
/** And those of the kinds that ask somebody. */
const REMEMBERING_SETTINGS = {
  ttl: seconds(0, "seconds that a known place is kept before it is asked for again"),
  negative_ttl: seconds(0, "seconds that an unknown place is kept before it is asked for again"),
};

export function readResolverDefinitions(
  written: readonly WrittenDefinition[],
  kinds: readonly ResolverKind[] = RESOLVER_KINDS,
): { readonly definitions: readonly ResolverDefinition[]; readonly faults: readonly DefinitionFault[] } {
  const faults: DefinitionFault[] = [];
  const names = createNames(written);
  const definitions = written.flatMap((one) => {
    const kind = kindOf(one, kinds);
    if (typeof kind === "string") {
      faults.push({ source: isMapping(one.value) ? `${one.source}.type` : one.source, problem: kind });
      return [];
    }
    const schema = schemaOf(kind);
    const value = Value.Default(schema, structuredClone(one.value)) as Record<string, unknown>;
    const found = schemaFaults(schema, value, one.source);
    faults.push(...found);
    return found.length > 0
      ? []
      : [definitionOf(kind, value, { source: one.source, name: names.of(value, kind.type) })];
  });
  return { definitions, faults: [...faults, ...names.faults] };
}

function kindOf({ value }: WrittenDefinition, kinds: readonly ResolverKind[]): ResolverKind | string {
  const known = kinds.map(({ type }) => type);
  if (!isMapping(value)) return `is no resolver; write a mapping such as {type: ${known[0]}, …}`;
  const { type } = value;
  if (type === undefined) return `is missing; write one of ${known.join(", ")}`;
  const nearest = typeof type === "string" ? nearestName(type, known) : undefined;
  const remedy = nearest === undefined ? `write one of ${known.join(", ")}` : `is ${nearest} meant?`;
  return kinds.find((kind) => kind.type === type) ?? `is no kind of resolver; ${remedy}`;
}

function schemaOf({ settings, isLocal }: ResolverKind): TObject {
  const common = isLocal ? COMMON_SETTINGS : { ...COMMON_SETTINGS, ...REMEMBERING_SETTINGS };
  return Type.Object({ ...settings.properties, ...common }, { additionalProperties: false });
}

function definitionOf(
  kind: ResolverKind,
  value: Readonly<Record<string, unknown>>,
  { source, name }: { readonly source: string; readonly name: string },
): ResolverDefinition {
  const { type: _type, name: _name, timeout = DEFAULT_TIMEOUT_SECONDS, ttl, negative_ttl, ...settings } = value;
  return {
    kind,
    name,
    source,
    settings,
    timeoutSeconds: timeout as number,
    ttlSeconds: ttl as number | undefined,
    negativeTtlSeconds: negative_ttl as number | undefined,
  };
}

/** Names as given, and for the others the type: `rest`, then `rest-2`. */
function createNames(written: readonly WrittenDefinition[]) {
  const given = written.map(({ source, value }) => ({ source, name: isMapping(value) ? value["name"] : undefined }));
  const taken = new Set(given.map(({ name }) => name).filter((name) => name !== undefined));
  const faults = given.flatMap(({ source, name }, index): DefinitionFault[] => {
    const first = given.findIndex((other) => other.name === name);
    if (name === undefined || first === index) return [];
    const problem = `is the name of ${given[first]?.source} too; give each resolver a name of its own`;
    return [{ source: `${source}.name`, problem }];
  });

  function of({ name }: Readonly<Record<string, unknown>>, type: string): string {
    if (typeof name === "string") return name;
    for (let number = 1; ; number++) {
      const free = number === 1 ? type : `${type}-${number}`;
      if (taken.has(free)) continue;
      taken.add(free);
      return free;
    }
  }
  return { faults, of };
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
