import { Type } from "typebox";
import { describe, expect, it } from "vitest";
import { readResolverDefinitions } from "./resolver-definitions.ts";
import { defineResolverKind } from "./resolver-kind.ts";
import { RESOLVER_KINDS } from "./resolver-kinds.ts";

const asking = defineResolverKind({
  type: "asking",
  isLocal: false,
  settings: Type.Object({
    url: Type.String({ description: "where to ask" }),
    batch: Type.Integer({ minimum: 1, default: 7, description: "how many" }),
    map: Type.Optional(Type.Object({ rack: Type.String() }, { additionalProperties: false, description: "what" })),
  }),
  start: () => Promise.reject(new Error("not started here")),
});
const KINDS = [...RESOLVER_KINDS, asking];

function read(...values: readonly unknown[]) {
  const written = values.map((value, index) => ({ source: `RESOLVERS[${index}]`, value }));
  return readResolverDefinitions(written, KINDS);
}

function faults(...values: readonly unknown[]): string[] {
  return read(...values).faults.map(({ source, problem }) => `${source}: ${problem}`);
}

const subnet = (more: object = {}) => ({ type: "subnet", prefixes: { "10.77.1.0/24": "rack1" }, ...more });

describe("resolver definitions", () => {
  it("are read with their kind's settings and defaults, and the settings of all kinds apart", () => {
    const { definitions, faults: none } = read(subnet({ name: "plan" }), {
      type: "asking",
      url: "http://x",
      ttl: 60,
      timeout: 2.5,
    });
    expect(none).toEqual([]);
    expect(definitions).toMatchObject([
      { name: "plan", source: "RESOLVERS[0]", kind: { type: "subnet" }, timeoutSeconds: 10, ttlSeconds: undefined },
      { name: "asking", settings: { url: "http://x", batch: 7 }, timeoutSeconds: 2.5, ttlSeconds: 60 },
    ]);
    expect(Object.keys(definitions[1]?.settings ?? {}).sort()).toEqual(["batch", "url"]);
  });

  it("leave what was written as it was", () => {
    const written = Object.freeze({ type: "asking", url: "http://x" });
    expect(read(written).faults).toEqual([]);
    expect(written).toEqual({ type: "asking", url: "http://x" });
  });

  it("without a name are named by their type, numbered from the second, around the names that are given", () => {
    const { definitions } = read(subnet(), subnet(), subnet({ name: "subnet-3" }), subnet());
    expect(definitions.map(({ name }) => name)).toEqual(["subnet", "subnet-2", "subnet-3", "subnet-4"]);
  });

  it("with the same name are refused", () => {
    expect(faults(subnet({ name: "a" }), subnet({ name: "b" }), subnet({ name: "a" }))).toEqual([
      "RESOLVERS[2].name: is the name of RESOLVERS[0] too; give each resolver a name of its own",
    ]);
  });

  it("are refused with every fault of all of them at once, and the nearest name", () => {
    expect(
      faults(
        "rest",
        {},
        { type: "subent" },
        { type: "zookeeper" },
        { type: "subnet" },
        subnet({ prefixes: { "10.0.0.0/8": 3 } }),
        subnet({ ttl: 60 }),
        { type: "asking", url: 1, bacht: 2, timeout: 0, batch: "many", map: { row: "x" } },
        { type: "file", file: "/etc/racks", format: "xml", name: "a b" },
      ),
    ).toEqual([
      "RESOLVERS[0]: is no resolver; write a mapping such as {type: file, …}",
      "RESOLVERS[1].type: is missing; write one of file, ansible, subnet, rest, dns, command, asking",
      "RESOLVERS[2].type: is no kind of resolver; is subnet meant?",
      "RESOLVERS[3].type: is no kind of resolver; write one of file, ansible, subnet, rest, dns, command, asking",
      "RESOLVERS[4].prefixes: is missing; write the path of each prefix, such as {10.77.1.0/24: rack1}",
      "RESOLVERS[5].prefixes.10.0.0.0/8: must be string, or must be array",
      "RESOLVERS[6].ttl: is no setting here; remove it",
      "RESOLVERS[7].bacht: is no setting here; is batch meant?",
      "RESOLVERS[7].url: must be string",
      "RESOLVERS[7].batch: must be integer",
      "RESOLVERS[7].map.rack: is missing; write it",
      "RESOLVERS[7].map.row: is no setting here; remove it",
      "RESOLVERS[7].timeout: must be >= 0.05",
      "RESOLVERS[8].format: must be one of lines, csv, yaml",
      'RESOLVERS[8].name: must match pattern "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"',
    ]);
  });

  it("are never quoted where they are refused, as they may hold a secret", () => {
    expect(faults({ type: "asking", url: ["s3cret"], batch: "s3cret" }).join("\n")).not.toContain("s3cret");
  });
});

describe("every kind", () => {
  it.each(RESOLVER_KINDS.map((kind) => [kind.type, kind] as const))(
    "%s describes each of its settings, and none that all kinds have",
    (_, { settings }) => {
      for (const [name, schema] of Object.entries(settings.properties)) {
        expect(schema, name).toMatchObject({ description: expect.stringMatching(/\S/) });
        expect(["type", "name", "ttl", "negative_ttl", "timeout"]).not.toContain(name);
      }
    },
  );
});
