import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalAddress } from "./address.ts";
import { buildLocationTable } from "./location-table.ts";

function tableOf(lines: Readonly<Record<string, string | readonly string[]>>, levels?: readonly string[]) {
  const entries = Object.entries(lines).map(([prefix, path], index) => ({
    prefix,
    path,
    source: `t.csv:${index + 1}`,
  }));
  return buildLocationTable(entries, { resolver: "subnet", levels });
}

function pathIn(lines: Readonly<Record<string, string | readonly string[]>>, address: string): string | undefined {
  const { table, faults } = tableOf(lines);
  expect(faults).toEqual([]);
  return table.locate(address)?.path.join("/");
}

function faultsOf(lines: Readonly<Record<string, string>>, levels?: readonly string[]): readonly string[] {
  return tableOf(lines, levels).faults.map(({ source, text, problem }) => `${source} ${text}: ${problem}`);
}

/** The definition: every `{n}` is the n-th number of the address as it is written out in full. */
function naiveFill(template: string, numbers: readonly (number | string)[]): string {
  return numbers.reduce<string>((text, number, index) => text.replaceAll(`{${index + 1}}`, String(number)), template);
}

function templates(count: number) {
  const place = fc.integer({ min: 1, max: count }).map((number) => `{${number}}`);
  const name = fc
    .array(fc.oneof(place, fc.constantFrom("rack", "row", "-", "x", "é")), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join(""));
  return fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
}

describe("templates in paths", () => {
  it("makes the path of an IPv4 address of its octets, in decimal, as a plain replacing would", () => {
    const octets = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(templates(4), fc.array(octets, { maxLength: 5 }), (template, addresses) => {
        const { table, faults } = tableOf({ "0.0.0.0/0": template });
        expect(faults).toEqual([]);
        for (const address of addresses) {
          expect(table.locate(address.join("."))?.path.join("/")).toBe(naiveFill(template, address));
        }
      }),
    );
  });

  it("makes the path of an IPv6 address of its groups, in hex without leading zeros", () => {
    const groups = fc.array(fc.oneof(fc.nat(0xffff), fc.constant(0)), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(templates(8), fc.array(groups, { maxLength: 5 }), (template, addresses) => {
        const { table, faults } = tableOf({ "::/0": template });
        expect(faults).toEqual([]);
        for (const address of addresses) {
          const hex = address.map((group) => group.toString(16));
          const text = canonicalAddress(hex.join(":"));
          fc.pre(text.includes(":"));
          expect(table.locate(text)?.path.join("/")).toBe(naiveFill(template, hex));
        }
      }),
    );
  });

  it("fills a template given as a name per level, and takes an IPv4-mapped address for IPv4", () => {
    const lines = { "10.77.0.0/16": ["row{3}", " rack{4} "] };
    expect(pathIn(lines, "10.77.3.12")).toBe("row3/rack12");
    expect(pathIn(lines, "::ffff:10.77.3.12")).toBe("row3/rack12");
    expect(pathIn({ "::ffff:10.77.0.0/112": "rack{3}" }, "10.77.3.12")).toBe("rack3");
  });

  it("prefers the longest prefix, be it with a template or without", () => {
    const lines = { "10.0.0.0/8": "any", "10.77.0.0/16": "rack{3}", "10.77.5.0/24": "store", "10.77.5.8/32": "h{4}" };
    const paths = ["10.1.1.1", "10.77.1.1", "10.77.5.1", "10.77.5.8"].map((address) => pathIn(lines, address));
    expect(paths).toEqual(["any", "rack1", "store", "h8"]);
  });

  it("answers with the same object again, as it does for a path without a template", () => {
    const { table } = tableOf({ "10.77.0.0/16": "rack{3}" });
    expect(table.locate("10.77.1.1")).toBe(table.locate("10.77.1.2"));
  });

  it("goes on telling right from wrong when a template makes more places than are remembered", () => {
    const { table } = tableOf({ "10.0.0.0/8": "{3}-{4}-{2}" });
    const wrong = Array.from({ length: 70_000 }, (_, host) => [host >>> 16, (host >>> 8) & 255, host & 255]).filter(
      ([two, three, four]) => table.locate(`10.${two}.${three}.${four}`)?.path[0] !== `${three}-${four}-${two}`,
    );
    expect(wrong).toEqual([]);
  });

  it("refuses numbers out of range, other names and lone braces, each with its line", () => {
    const lines = {
      "10.0.0.0/8": "rack{5}",
      "2001:db8::/32": "rack{9}",
      "10.1.0.0/16": "rack{0}",
      "10.2.0.0/16": "{rack}",
      "10.3.0.0/16": "rack{3",
      "10.4.0.0/16": "rack3}",
      "10.5.0.0/16": "rack{}",
      "10.6.0.0/16": "a{1/2}",
    };
    expect(faultsOf(lines)).toEqual([
      "t.csv:1 rack{5}: names {5}, which is not known here",
      "t.csv:2 rack{9}: names {9}, which is not known here",
      "t.csv:3 rack{0}: names {0}, which is not known here",
      "t.csv:4 {rack}: names {rack}, which is not known here",
      "t.csv:5 rack{3: has a brace without its counterpart",
      "t.csv:6 rack3}: has a brace without its counterpart",
      "t.csv:7 rack{}: names {}, which is not known here",
      "t.csv:8 a{1/2}: names {1/2}, which is not known here",
    ]);
    expect(tableOf(lines).faults[0]?.remedy).toBe("there are {1}, {2}, {3}, {4}");
  });

  it("refuses a template of another depth than the levels, and names that a path may not hold", () => {
    expect(faultsOf({ "10.0.0.0/8": "row{2}/rack{3}", "11.0.0.0/8": "rack{3}" }, ["row", "rack"])).toEqual([
      "t.csv:2 rack{3}: has 1 level where 2 levels must be",
    ]);
    expect(faultsOf({ "10.0.0.0/8": `${"x".repeat(126)}{3}` })[0]).toMatch("longer than 128");
    expect(tableOf({ "10.0.0.0/8": ["row/{3}"] }).faults[0]?.problem).toBe("has a slash within a level's name");
    expect(faultsOf({ "10.0.0.0/8": "row{3}//rack" })[0]).toMatch("a level without a name");
  });

  it("refuses one prefix with two templates, and takes it twice with the same", () => {
    const entries = ["rack{3}", "rack{3}", "rack{2}", "rack7"].map((path, index) => ({
      prefix: "10.0.0.0/8",
      path,
      source: `t:${index + 1}`,
    }));
    const { faults } = buildLocationTable(entries, { resolver: "subnet" });
    expect(faults.map(({ source, problem }) => `${source} ${problem}`)).toEqual([
      "t:3 is given two places: rack{2} here and rack{3} at t:1",
      "t:4 is given two places: rack7 here and rack{3} at t:1",
    ]);
  });
});
