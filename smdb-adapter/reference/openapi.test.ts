import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { printOpenapi } from "./print-openapi.ts";

const root = join(import.meta.dirname, "..");

it("the committed OpenAPI document is the one of the routes (else: npm run openapi)", async () => {
  expect(readFileSync(join(root, "reference/openapi.json"), "utf8")).toBe(await printOpenapi());
});

it("the resolver's types are those of the document (else: npm run openapi)", () => {
  const folder = mkdtempSync(join(tmpdir(), "rackcast-schema-"));
  try {
    const fresh = join(folder, "schema.d.ts");
    const command = join(root, "../deployer-cli/node_modules/.bin/openapi-typescript");
    execFileSync(command, ["reference/openapi.json", "--output", fresh], { cwd: root, stdio: "pipe" });
    const committed = readFileSync(join(root, "src/resolvers/rest/schema.d.ts"), "utf8");
    expect(committed).toBe(readFileSync(fresh, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
