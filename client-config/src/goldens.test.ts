import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { GOLDENS } from "./goldens.ts";

it.each(Object.entries(GOLDENS))("%s is rendered as it is kept", async (file, text) => {
  // To accept a change that is meant: vitest run client-config --update
  await expect(text).toMatchFileSnapshot(`../golden/${file}`);
});

it("keeps no golden file that no case renders", () => {
  expect(readdirSync(new URL("../golden/", import.meta.url)).sort()).toEqual(Object.keys(GOLDENS).sort());
});

it.each(Object.keys(GOLDENS).filter((file) => file.endsWith(".json")))("%s is JSON", (file) => {
  expect(() => JSON.parse(GOLDENS[file]!) as unknown).not.toThrow();
});
