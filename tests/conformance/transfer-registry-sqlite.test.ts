import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { infoHashSubject } from "../../tracker/src/bans/ban.ts";
import { openSqliteRegistry } from "../../tracker/src/registry/sqlite-registry.ts";
import { announceKeysSuite } from "./announce-keys-suite.ts";
import { auditLogSuite } from "./audit-log-suite.ts";
import { banListSuite } from "./ban-list-suite.ts";
import type { RegistryHome } from "./registry-home.ts";
import type { InfoHash } from "../../tracker/src/swarm/identifiers.ts";
import { transferRegistrySuite } from "./transfer-registry-suite.ts";

const newFolder = () => mkdtempSync(join(tmpdir(), "rackcast-registry-"));

function newHome(): RegistryHome {
  const folder = newFolder();
  return {
    open: () => openSqliteRegistry(join(folder, "transfers.sqlite")),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

transferRegistrySuite("sqlite", newHome);
banListSuite("sqlite", newHome);
auditLogSuite("sqlite", newHome);
announceKeysSuite("sqlite", newHome);

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

  it("of the version before bans is opened with its transfers, and keeps bans from now on", async () => {
    const older = new DatabaseSync(file);
    older.exec(VERSION_1);
    older.close();
    const registry = openSqliteRegistry(file);
    const infoHash = "ab".repeat(20) as InfoHash;
    expect(registry.lookup(infoHash)).toMatchObject({ name: "app", state: "active" });
    await registry.bans.ban(infoHashSubject(infoHash), "why", 1);
    expect(await registry.audit.list(1)).toEqual([]);
    await registry.close();
  });

  it("of the version with bans of info-hashes alone keeps them, and takes bans of hosts and clients", async () => {
    const older = new DatabaseSync(file);
    older.exec(VERSION_2);
    older.close();
    const registry = openSqliteRegistry(file);
    const ban = { ...infoHashSubject("cd".repeat(20) as InfoHash), reason: "why", bannedAt: 7, source: "api" as const };
    expect(await registry.bans.list()).toEqual([ban]);
    const cidr = await registry.bans.ban({ kind: "cidr", value: "10.0.0.0/8" }, "gone", 8);
    await registry.close();
    const again = openSqliteRegistry(file);
    expect(await again.bans.list()).toEqual([ban, cidr]);
    await again.close();
  });

  it("of the version before hosts' reports keeps its transfers, and takes reports", async () => {
    const older = new DatabaseSync(file);
    older.exec(VERSION_3);
    older.close();
    const registry = openSqliteRegistry(file);
    const infoHash = "ab".repeat(20) as InfoHash;
    expect(await registry.reports.list(infoHash)).toEqual([]);
    const report = {
      address: "10.0.1.1",
      state: "verified",
      code: undefined,
      message: undefined,
      reportedAt: 7,
    } as const;
    await registry.reports.put(infoHash, report);
    await registry.close();
    const again = openSqliteRegistry(file);
    expect(await again.reports.list(infoHash)).toEqual([report]);
    await again.close();
  });

  it("of the version before announce keys keeps its bans, and takes keys", async () => {
    const older = new DatabaseSync(file);
    older.exec(VERSION_4);
    older.close();
    const registry = openSqliteRegistry(file);
    expect(await registry.bans.list()).toMatchObject([{ kind: "client", value: "-XL" }]);
    const { key } = await registry.announceKeys.issue("web", 7);
    await registry.close();
    const again = openSqliteRegistry(file);
    expect(again.announceKeys.userOf(key, 8)).toBe("web");
    await again.close();
  });

  it("holds no announce key, nor do the files beside it", async () => {
    const registry = openSqliteRegistry(file);
    const keys = [
      (await registry.announceKeys.issue("web", 7)).key,
      (await registry.announceKeys.rotate("web", 9, 7)).key,
    ];
    const digest = (await registry.announceKeys.list())[0]!.digest;
    const written = readdirSync(folder).map((name) => readFileSync(join(folder, name), "latin1"));
    expect(written.join()).toContain(digest);
    for (const key of keys) expect(written.join()).not.toContain(key);
    await registry.close();
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

const VERSION_1 = `
  CREATE TABLE transfers (
    info_hash TEXT PRIMARY KEY, name TEXT NOT NULL, length_bytes INTEGER NOT NULL, piece_length_bytes INTEGER NOT NULL,
    file_count INTEGER NOT NULL, state TEXT NOT NULL, origins TEXT NOT NULL, targets TEXT NOT NULL,
    registered_at INTEGER NOT NULL, activated_at INTEGER, deactivated_at INTEGER, first_started_at INTEGER,
    last_started_at INTEGER, first_completed_at INTEGER, last_completed_at INTEGER) STRICT;
  CREATE TABLE torrents (info_hash TEXT PRIMARY KEY REFERENCES transfers, bytes BLOB NOT NULL) STRICT;
  INSERT INTO transfers VALUES ('${"ab".repeat(20)}', 'app', 1, 1, 1, 'active', '[]', '[]', 1, 1, null, null, null, null, null);
  PRAGMA user_version = 1;`;

const VERSION_2 = `${VERSION_1}
  CREATE TABLE bans (info_hash TEXT PRIMARY KEY, reason TEXT NOT NULL, banned_at INTEGER NOT NULL) STRICT;
  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, action TEXT NOT NULL, info_hash TEXT, actor TEXT NOT NULL,
    detail TEXT NOT NULL) STRICT;
  INSERT INTO bans VALUES ('${"cd".repeat(20)}', 'why', 7);
  PRAGMA user_version = 2;`;

const VERSION_3 = `${VERSION_2}
  DROP TABLE bans;
  CREATE TABLE bans (
    kind TEXT NOT NULL, value TEXT NOT NULL, reason TEXT NOT NULL, banned_at INTEGER NOT NULL, PRIMARY KEY (kind, value)
  ) STRICT;
  PRAGMA user_version = 3;`;

const VERSION_4 = `${VERSION_3}
  CREATE TABLE host_reports (
    info_hash TEXT NOT NULL, address TEXT NOT NULL, state TEXT NOT NULL, code TEXT, message TEXT, reported_at INTEGER NOT NULL,
    PRIMARY KEY (info_hash, address)) STRICT, WITHOUT ROWID;
  INSERT INTO bans VALUES ('client', '-XL', 'why', 7);
  PRAGMA user_version = 4;`;
