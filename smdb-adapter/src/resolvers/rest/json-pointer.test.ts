import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findAll, fits, type JsonPointer, parsePointer } from "./json-pointer.ts";

// The examples of RFC 6901, section 5.
const DOCUMENT: unknown = JSON.parse(
  '{"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\\\j": 5, "k\\"l": 6, " ": 7, "m~n": 8}',
);

function pointer(text: string): JsonPointer {
  const reading = parsePointer(text);
  if (!reading.ok) throw new Error(reading.problem);
  return reading.value;
}

const valuesAt = (value: unknown, text: string) => findAll(value, pointer(text)).map((match) => match.value);

describe("JSON pointers", () => {
  it.each([
    ["", DOCUMENT],
    ["/foo", ["bar", "baz"]],
    ["/foo/0", "bar"],
    ["/", 0],
    ["/a~1b", 1],
    ["/c%d", 2],
    ["/e^f", 3],
    ["/g|h", 4],
    ["/i\\j", 5],
    ['/k"l', 6],
    ["/ ", 7],
    ["/m~0n", 8],
  ])("%j leads where RFC 6901 says", (text, value) => {
    expect(valuesAt(DOCUMENT, text)).toEqual([value]);
  });

  it.each(["/bar", "/foo/2", "/foo/00", "/foo/length", "/foo/0/0", "/toString", "/__proto__"])(
    "%j leads nowhere",
    (text) => {
      expect(valuesAt(DOCUMENT, text)).toEqual([]);
    },
  );

  it("come to a member that is called like something of every object", () => {
    expect(valuesAt(JSON.parse('{"__proto__": {"rack": "r1"}}'), "/__proto__/rack")).toEqual(["r1"]);
  });

  it("take * for every member or element, and tell its name", () => {
    const value = { results: [{ rack: { a: 1, b: 2 } }, { rack: {} }, {}, { rack: { c: 3 } }] };
    expect(findAll(value, pointer("/results/*/rack/*"))).toEqual([
      { name: "a", value: 1 },
      { name: "b", value: 2 },
      { name: "c", value: 3 },
    ]);
    expect(findAll(value, pointer("/results/*")).map(({ name }) => name)).toEqual(["0", "1", "2", "3"]);
  });

  it.each([
    ["rack/name", "is no JSON pointer"],
    ["/rack~name", "has a ~ that stands for nothing"],
    ["/rack~", "has a ~ that stands for nothing"],
  ])("%j is refused", (text, problem) => {
    expect(parsePointer(text)).toMatchObject({ ok: false, problem });
  });

  it("come to every member of whatever object, escaped as the RFC has it", () => {
    const names = fc.array(
      fc.string().filter((name) => name !== "*"),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(names, fc.integer(), (path, leaf) => {
        const value = path.reduceRight<unknown>(
          (inner, name) => JSON.parse(`{${JSON.stringify(name)}: ${JSON.stringify(inner)}}`),
          leaf,
        );
        const text = path.map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
        expect(valuesAt(value, text)).toEqual([leaf]);
      }),
    );
  });
});

describe("the shape of an answer", () => {
  it.each<[string, unknown, boolean]>([
    ["/results/*", { results: [{}] }, true],
    ["/results/*", { results: [] }, true],
    ["/results/*", { results: null }, true],
    ["/results/*", {}, true],
    ["/results/*", null, true],
    ["/results/*", { detail: "no" }, false],
    ["/results/*", { results: "none" }, false],
    ["/results/*", "none", false],
    ["/*", { web1: 1 }, true],
    ["/*", "web1", false],
    ["", { name: "web1" }, true],
    ["", 7, false],
    ["/server", { server: { name: "web1" } }, true],
    ["/server", { servers: 1 }, false],
  ])("%j speaks of %j: %j", (text, value, fitting) => {
    expect(fits(value, pointer(text))).toBe(fitting);
  });
});
