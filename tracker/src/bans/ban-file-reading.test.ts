import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BanFile, startBanFile } from "./ban-file-reading.ts";

let folder: string;
let file: string;
let time: number;
let logged: string[];
let banFile: BanFile | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rackcast-bans-"));
  file = join(folder, "bans.txt");
  [time, logged, banFile] = [1000, [], undefined];
});
afterEach(async () => {
  await banFile?.close();
  rmSync(folder, { recursive: true });
});

async function start(text: string): Promise<BanFile> {
  writeFileSync(file, text);
  const note = (details: object, message: string) =>
    void logged.push(`${message} ${String(Object.values(details)[0])}`);
  const log = { error: note, info: note };
  return (banFile = await startBanFile({ file, log, now: () => time++, settleMs: 20, pollMs: 60_000 }));
}

const values = () => [...banFile!.bans().all()].map(({ value, bannedAt }) => [value, bannedAt]);

describe("the ban file", () => {
  it("is read at the start, and again when it is written to or replaced", async () => {
    await start("client -XL\n");
    expect(values()).toEqual([["-XL", 1000]]);
    writeFileSync(file, "client -XL\ncidr 10.0.0.0/8\n");
    await expect.poll(values, { timeout: 5000 }).toEqual([
      ["-XL", 1000],
      ["10.0.0.0/8", 1001],
    ]);
    writeFileSync(`${file}.new`, "cidr 10.0.0.0/8\n");
    renameSync(`${file}.new`, file);
    await expect.poll(values, { timeout: 5000 }).toEqual([["10.0.0.0/8", 1001]]);
  });

  it("is read again when asked to, and a ban that stays keeps its time", async () => {
    await start("client -XL one\nclient -YY\n");
    writeFileSync(file, "client -XL another\n");
    await banFile!.reload();
    expect(values()).toEqual([["-XL", 1000]]);
    expect(logged).toEqual([`bans read again ${file}`]);
  });

  it.each([
    ["has a faulty line", () => writeFileSync(file, "client -YY\nclint -XL\n"), /bans\.txt:2: "clint -XL": .*; write/],
    ["is gone", () => rmSync(file), /cannot read .*ENOENT.*; check that BAN_FILE exists/],
    ["is no text", () => writeFileSync(file, Buffer.from([0xff, 0xfe])), /cannot read .*; check/],
  ])("keeps all it said before when it %s, and says why", async (_, spoil, why) => {
    await start("client -XL\n");
    spoil();
    await banFile!.reload();
    expect(values()).toEqual([["-XL", 1000]]);
    expect(logged.join()).toMatch(/^ban file refused; the bans before stay /);
    expect(logged.join()).toMatch(why);
    writeFileSync(file, "client -YY\n");
    await banFile!.reload();
    expect(values()).toMatchObject([["-YY", expect.any(Number)]]);
  });

  it("is refused at the start when it cannot be read, or has faults", async () => {
    await expect(start("what\n")).rejects.toMatchObject({ code: "BAN_FILE_FAULTY" });
    rmSync(file);
    mkdirSync(file);
    const log = { error: () => {}, info: () => {} };
    await expect(startBanFile({ file, log, now: Date.now })).rejects.toMatchObject({ code: "BAN_FILE_UNREADABLE" });
  });
});
