import { describe, expect, it } from "vitest";
import { createNameMatch, isSurelyFast } from "./name-pattern.ts";

describe("isSurelyFast", () => {
  it.each([
    String.raw`^(?<host>[^.]+)\.r(?<rack>\d+)\.(?<dc>[a-z0-9]+)\.example\.$`,
    String.raw`^[^.]+\.(?<rack>[^.]+)\.(?<row>[^.]+)\.(?<dc>[^.]+)\.`,
    String.raw`-(?<rack>\d{2,3})-(?<dc>[a-z]{3})`,
    "rack7",
  ])("lets %s be matched without a watch", (source) => {
    expect(isSurelyFast(source)).toBe(true);
  });

  it.each([
    "(a+)+$",
    "(a|a)*$",
    ".+.+.+x",
    "[^-]+-[^-]+-x",
    String.raw`(?:\d+){9}x`,
    String.raw`\d+\d+\d+\d+\d+\d+x`,
    "[a-z.]+",
    "(?:a|aa){1,}$",
  ])("has %s watched", (source) => {
    expect(isSurelyFast(source)).toBe(false);
  });
});

describe("createNameMatch", () => {
  it.each([/^(?<rack>[^.]+)\./u, /^(?<rack>.+?)\./u])("gives the groups' texts of %s, or undefined", (pattern) => {
    const match = createNameMatch(pattern);
    expect(match("rack7.example.")).toMatchObject({ rack: "rack7" });
    expect(match("rack7")).toBeUndefined();
    expect(createNameMatch(/rack/u)("rack7")).toEqual({});
  });

  it("throws rather than match for years, and matches the next name", () => {
    const match = createNameMatch(/^(?<rack>(?:a+)+)$/u);
    expect(() => match(`${"a".repeat(60)}!`)).toThrow("timed out");
    expect(match("aaa")).toMatchObject({ rack: "aaa" });
  });
});
