import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  DEFAULT_TRACKER,
  parseAddress,
  parseBytes,
  parseCount,
  parseDuration,
  parseShare,
  parseTrackerUrl,
} from "./options.ts";

describe("values on the command line", () => {
  it.each([
    ["262144", 262144],
    ["256KiB", 262144],
    ["1m", 1048576],
    ["1.5 MiB", 1572864],
  ])("%s is a size", (text, bytes) => expect(parseBytes(text)).toBe(bytes));

  it.each([
    ["90", 90],
    ["250ms", 0.25],
    ["10m", 600],
    ["1.5h", 5400],
    ["30d", 2_592_000],
  ])("%s is a duration", (text, seconds) => expect(parseDuration(text)).toBeCloseTo(seconds));

  it("reads every whole percentage, with the sign and without", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), (percent) => {
        expect(parseShare(`${percent}%`)).toBe(percent / 100);
        expect(parseShare(`${percent}`)).toBe(percent / 100);
      }),
    );
  });

  it("takes an http URL with a path and drops the slash at its end; an empty variable means the default", () => {
    expect(parseTrackerUrl("https://deploy.example/rackcast/")).toBe("https://deploy.example/rackcast");
    expect(parseTrackerUrl("")).toBe(DEFAULT_TRACKER);
  });

  it.each([
    [parseBytes, "12 parsecs"],
    [parseBytes, "-1"],
    [parseDuration, "soon"],
    [parseShare, "101%"],
    [parseShare, "-1%"],
    [parseCount, "0"],
    [parseCount, "1.5"],
    [parseAddress, "10.0.0.1:80"],
    [parseAddress, "host.example"],
    [parseTrackerUrl, "tracker:6969"],
    [parseTrackerUrl, "udp://tracker:6969"],
  ])("%o refuses %s", (parse, text) => expect(() => parse(text)).toThrow(/^Give /));
});
