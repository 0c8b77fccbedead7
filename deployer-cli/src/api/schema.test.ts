import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

it("the client's types are those of tracker/openapi.json (else: npm run openapi)", () => {
  const folder = mkdtempSync(join(tmpdir(), "rackcast-schema-"));
  const root = join(import.meta.dirname, "../..");
  try {
    const fresh = join(folder, "schema.d.ts");
    execFileSync(join(root, "node_modules/.bin/openapi-typescript"), ["../tracker/openapi.json", "--output", fresh], {
      cwd: root,
    });
    expect(readFileSync(join(root, "src/api/schema.d.ts"), "utf8")).toBe(readFileSync(fresh, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
