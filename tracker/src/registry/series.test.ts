import { describe, expect, it } from "vitest";
import { currentReleases, isReleaseName, seriesOf } from "./series.ts";

describe("a series", () => {
  it.each([
    ["web-1.2.3", "web"],
    ["web_v2", "web"],
    ["web.20260102", "web"],
    ["web@3-rc1", "web"],
    ["web-api-v1.0", "web-api"],
    ["web-version2", "web-version2"],
    ["web2", "web2"],
    ["api", "api"],
    ["_1", "_1"],
    ["1.0", "1"],
  ])("of %s is %s", (name, series) => expect(seriesOf(name)).toBe(series));
});

describe("a release's name", () => {
  it.each(["web-1.2.3", "@scope", "+a", "_", "Web.tar.gz"])("may be %j", (name) =>
    expect(isReleaseName(name)).toBe(true),
  );

  it.each(["", ".hidden", "-rf", "a b", "a/b", "a\n", "a\\b", "ä", "a;b", "$a"])("may not be %j", (name) =>
    expect(isReleaseName(name)).toBe(false),
  );
});

describe("the current release of a series", () => {
  const activated = (name: string, activatedAt: number | undefined) => ({ name, activatedAt });
  const currentNames = (...transfers: ReturnType<typeof activated>[]) =>
    [...currentReleases(transfers)].map(({ name }) => name).sort();

  it("is the one that was activated last, be it registered first", () => {
    expect(currentNames(activated("web-1", 9), activated("web-2", 5), activated("api", 1))).toEqual(["api", "web-1"]);
  });

  it("is the later one of two that were activated at one instant", () => {
    expect(currentNames(activated("web-1", 5), activated("web-2", 5))).toEqual(["web-2"]);
  });

  it("is never one whose name hosts cannot have", () => {
    expect(currentNames(activated("web-1", 5), activated("web-2 beta", 9))).toEqual(["web-1"]);
  });
});
