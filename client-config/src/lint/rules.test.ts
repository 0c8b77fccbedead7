import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { LINT_RULES } from "./rules.ts";

it("the page on clients has the table of rules as it is", () => {
  const page = readFileSync(new URL("../../../ops/docs/client-configuration.md", import.meta.url), "utf8");
  const rows = page.split("\n").flatMap((line) => {
    const [, rule, severity, why] = /^\| `([a-z-]+)` +\| (error|warning) +\| (.*?) +\|$/.exec(line) ?? [];
    return rule === undefined ? [] : [[rule, { severity, why }]];
  });
  expect(Object.fromEntries(rows)).toEqual(LINT_RULES);
});
