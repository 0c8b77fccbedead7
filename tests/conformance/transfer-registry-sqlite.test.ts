import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteRegistry } from "../../tracker/src/registry/sqlite-registry.ts";
import { transferRegistrySuite } from "./transfer-registry-suite.ts";

const newFolder = () => mkdtempSync(join(tmpdir(), "rackcast-registry-"));

transferRegistrySuite("sqlite", () => {
  const folder = newFolder();
  return {
    open: () => openSqliteRegistry(join(folder, "transfers.sqlite")),
    remove: () => rmSync(folder, { recursive: true }),
  };
});

describe("the SQLite registry's file", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = newFolder();
    file = join(folder, "transfers.sqlite");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is refused to a second process while one has it open", async () => {
    const registry = openSqliteRegistry(file);
    expect(() => openSqliteRegistry(file)).toThrow(
      expect.objectContaining({ code: "REGISTRY_IN_USE", message: expect.stringContaining("DATA_DIR") }),
    );
    await registry.close();
    await openSqliteRegistry(file).close();
  });

  it("is refused and left as it is when a newer version wrote it", () => {
    const newer = new DatabaseSync(file);
    newer.exec("CREATE TABLE future (x); PRAGMA user_version = 99");
    newer.close();
    expect(() => openSqliteRegistry(file)).toThrow(expect.objectContaining({ code: "REGISTRY_TOO_NEW" }));
    const after = new DatabaseSync(file);
    expect(after.prepare("SELECT name FROM sqlite_schema").all()).toEqual([{ name: "future" }]);
    after.close();
  });

  it.each([
    ["is no database", () => writeFileSync(file, "hello, ".repeat(1000))],
    ["has no folder", () => (file = join(folder, "missing", "transfers.sqlite"))],
  ])("is refused with its name and a remedy when it %s", (_, spoil) => {
    spoil();
    expect(() => openSqliteRegistry(file)).toThrow(
      expect.objectContaining({ code: "REGISTRY_UNREADABLE", message: expect.stringMatching(/sqlite.*DATA_DIR/) }),
    );
  });
});
