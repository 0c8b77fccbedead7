import { expect, it } from "vitest";
import { checkReleaseName, seriesOf } from "./release-name.ts";

it.each([
  ["web-1.2.3", "web"],
  ["web_v2", "web"],
  ["api@7", "api"],
  ["web-front-2026.11.26-rc1", "web-front"],
  ["api", "api"],
  ["h2-server-1", "h2-server"],
])("knows %s as a release of %s", (name, series) => {
  expect(seriesOf(name)).toBe(series);
});

it.each(["", ".hidden", "-rf", "a b", "a/b", "a\nb", "käse", "x".repeat(201)])(
  "refuses to call a release %j",
  (name) => {
    expect(() => checkReleaseName(name)).toThrow(expect.objectContaining({ code: "USAGE" }));
  },
);
