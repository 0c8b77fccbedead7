import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Ledger } from "../../tracker/src/accounting/ledger.ts";
import { openSqliteLedger } from "../../tracker/src/accounting/sqlite-ledger.ts";
import { ledgerSuite, PLENTY } from "./ledger-suite.ts";
import { drain, INFO_HASH, reportOf } from "./ledger-world.ts";

const newFolder = () => mkdtempSync(join(tmpdir(), "rackcast-ledger-"));

ledgerSuite("sqlite", async () => {
  const folder = newFolder();
  let open: Ledger | undefined;
  const end = async () => open?.close().catch(() => {});
  return {
    async open(limits) {
      // A process that is killed lets go of the file too.
      await end();
      return (open = openSqliteLedger({ file: join(folder, "accounting.sqlite"), ...limits }));
    },
    async remove() {
      await end();
      rmSync(folder, { recursive: true });
    },
  };
});

describe("the SQLite ledger's file", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = newFolder();
    file = join(folder, "accounting.sqlite");
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const open = () => openSqliteLedger({ file, ...PLENTY });

  it("is refused to a second process, saying which file and what to do", async () => {
    const ledger = open();
    expect(open).toThrow(/accounting\.sqlite is open in another process; .*DATA_DIR/);
    await ledger.close();
  });

  it("is refused when a newer tracker wrote it, or when it is none", () => {
    new DatabaseSync(file).exec("PRAGMA user_version = 99");
    expect(open).toThrow(/newer version \(99 steps.*update the tracker/);
    rmSync(file);
    const other = join(folder, "no", "such");
    expect(() => openSqliteLedger({ file: other, ...PLENTY })).toThrow(/cannot be used .*DATA_DIR/);
  });

  it("is named, with what to do, when it cannot be read any more", async () => {
    const ledger = open();
    await ledger.close();
    for (const reading of [ledger.totals(INFO_HASH), ledger.pending(1)])
      await expect(reading).rejects.toThrow(/accounting\.sqlite cannot be used .*DATA_DIR/);
  });

  it("changes nothing by reports of which one cannot be kept", async () => {
    const ledger = open();
    await ledger.record([reportOf("1"), reportOf("1", { downloaded: 5 })]);
    const odd = reportOf("2", { rack: null as unknown as string });
    await expect(ledger.record([reportOf("1", { downloaded: 9 }), odd])).rejects.toThrow(/cannot be used/);
    expect(await ledger.record([reportOf("1", { downloaded: 6 })])).toMatchObject({ pendingCount: 2 });
    expect((await drain(ledger)).map(({ sequence, deltaDownloaded }) => [sequence, deltaDownloaded])).toEqual([
      [1, 5],
      [2, 1],
    ]);
    await ledger.close();
  });
});
