import { readdirSync, readlinkSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Delta } from "../../tracker/src/accounting/delta.ts";
import type { DeltaSink } from "../../tracker/src/accounting/delta-sink.ts";
import { openFileSink } from "../../tracker/src/accounting/sinks/file-sink.ts";
import type { FileRotation } from "../../tracker/src/accounting/sinks/sink-settings.ts";
import { deltas } from "../support/deltas.ts";
import { createSinkWorld, refusalOf } from "../support/sinks.ts";
import { deltaSinkSuite, type SinkHome } from "./delta-sink-suite.ts";

const { open: openAt } = createSinkWorld();

async function createHome(): Promise<SinkHome> {
  const root = await mkdtemp(join(tmpdir(), "rackcast-file-sink-"));
  const folder = join(root, "here");
  const file = join(folder, "deltas.ndjson");
  await mkdir(folder);
  return {
    open: () => openAt(file),
    arrived: () => read(file),
    kill: () => rename(folder, join(root, "away")),
    revive: () => rename(join(root, "away"), folder),
    openCount: async () => openFiles(root).length,
    remove: () => rm(root, { recursive: true }),
  };
}

function openFiles(below: string): string[] {
  return readdirSync("/proc/self/fd")
    .map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        // The folder's own, which is closed by now.
        return "";
      }
    })
    .filter((target) => target.startsWith(below));
}

async function read(file: string): Promise<Delta[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  expect(text === "" || text.endsWith("\n")).toBe(true);
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Delta);
}

deltaSinkSuite("file", createHome, { isLocal: true });

describe("a file of deltas", () => {
  let folder: string;
  let file: string;
  let sinks: DeltaSink[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "rackcast-file-sink-"));
    file = join(folder, "deltas.ndjson");
    sinks = [];
  });
  afterEach(async () => {
    await Promise.all(sinks.map((sink) => sink.close()));
    await rm(folder, { recursive: true });
  });

  async function open(rotation?: FileRotation): Promise<DeltaSink> {
    const sink = await openFileSink({ file, rotation });
    sinks.push(sink);
    return sink;
  }

  const all = deltas(40);

  it.each([
    ["no line", "", 0],
    ["half of the first line", JSON.stringify(all[0]).slice(0, 40), 0],
    ["a few letters", '{"i', 0],
    [
      "whole lines and half of one",
      `${all
        .slice(0, 3)
        .map((delta) => `${JSON.stringify(delta)}\n`)
        .join("")}{"id":"00`,
      3,
    ],
    ["whole lines and a whole one without its end", `${JSON.stringify(all[0])}\n${JSON.stringify(all[1])}`, 1],
  ])("that ends in %s is mended, and takes what is missing", async (_, text, whole) => {
    await writeFile(file, text);
    const sink = await open();
    expect(await read(file)).toEqual(all.slice(0, whole));
    await sink.write(all);
    expect(await read(file)).toEqual(all);
  });

  it.each([
    ["something else", "root:x:0:0\n"],
    ["something else without an end", "PORT=6969"],
    ["deltas and then something else", `${JSON.stringify(all[0])}\n# mine\n`],
    ["numbers", "17\n"],
    ["nothing but a long line", "x".repeat(2 ** 20 + 5)],
  ])("that holds %s is refused and left as it is", async (_, text) => {
    await writeFile(file, text);
    await expect(open()).rejects.toMatchObject({ name: "SinkError", message: expect.stringMatching(/; move it away/) });
    expect(await readFile(file, "utf8")).toBe(text);
  });

  it("that is none is refused", async () => {
    file = "/dev/null";
    await expect(open()).rejects.toThrow(/is no regular file; /);
    file = folder;
    await expect(open()).rejects.toThrow(/EISDIR.*; correct ACCOUNTING_SINK/);
  });

  it("is a new one after it was moved away", async () => {
    const sink = await open();
    await sink.write(all.slice(0, 10));
    await rename(file, `${file}-20260131`);
    await sink.write(all.slice(5, 20));
    expect(await read(`${file}-20260131`)).toEqual(all.slice(0, 10));
    expect(await read(file)).toEqual(all.slice(10, 20));
  });

  it("is gone on with after it was cut to nothing", async () => {
    const sink = await open();
    await sink.write(all.slice(0, 10));
    await truncate(file);
    await sink.write(all.slice(10, 20));
    expect(await read(file)).toEqual(all.slice(10, 20));
  });

  it("is moved away before it would be too large, and no more of those are kept than told", async () => {
    const sink = await open({ atBytes: 5 * JSON.stringify(all[0]).length, keep: 2 });
    for (const delta of all) await sink.write([delta]);
    const kept = [...(await read(`${file}.2`)), ...(await read(`${file}.1`)), ...(await read(file))];
    expect(kept.length).toBeGreaterThan(8);
    expect(kept).toEqual(all.slice(-kept.length));
    expect(readdirSync(folder).toSorted()).toEqual(["deltas.ndjson", "deltas.ndjson.1", "deltas.ndjson.2"]);
  });

  it("is kept for ever when nobody said how many, and goes on after a restart", async () => {
    const rotation = { atBytes: 1, keep: undefined };
    await (await open(rotation)).write(all.slice(0, 1));
    const sink = await open(rotation);
    for (const delta of all.slice(0, 12)) await sink.write([delta]);
    const names = [...Array.from({ length: 11 }, (_, index) => `${file}.${11 - index}`), file];
    expect((await Promise.all(names.map(read))).flat()).toEqual(all.slice(0, 12));
  });

  it("closes a gap in the numbers before it moves others on", async () => {
    await writeFile(`${file}.1`, "one");
    await writeFile(`${file}.3`, "three");
    const sink = await open({ atBytes: 1, keep: 3 });
    await sink.write(all.slice(0, 1));
    await sink.write(all.slice(1, 2));
    expect(await readFile(`${file}.2`, "utf8")).toBe("one");
    expect(await readFile(`${file}.3`, "utf8")).toBe("three");
  });

  it("has each delta once after a write that ended amid a line", async () => {
    const sink = await open();
    await sink.write(all.slice(0, 10));
    const error = await withFilesUpTo(JSON.stringify(all[0]).length * 16, () => sink.write(all.slice(10)));
    expect(error).toMatchObject({
      name: "SinkError",
      message: expect.stringMatching(/EFBIG.*; raise the largest size/),
    });
    const torn = await readFile(file, "utf8");
    expect(torn.endsWith("\n")).toBe(false);
    expect(torn.split("\n").length).toBeGreaterThan(12);
    await sink.write(all.slice(10, 30));
    await sink.write(all.slice(30));
    expect(await read(file)).toEqual(all);
  });

  it("says what keeps it from being moved away before there is need to", async () => {
    await mkdir(`${file}.trial`);
    await expect(open({ atBytes: 1, keep: 1 })).rejects.toThrow(/EISDIR/);
  });
});

/** What is rejected with while this process may write no larger files. */
async function withFilesUpTo(bytes: number, work: () => Promise<void>): Promise<unknown> {
  const limit = (text: string) => spawnSync("prlimit", [`--pid=${process.pid}`, `--fsize=${text}`]);
  const ignore = () => undefined;
  process.on("SIGXFSZ", ignore);
  limit(`${bytes}:unlimited`);
  try {
    return await refusalOf(work());
  } finally {
    limit("unlimited:unlimited");
    process.off("SIGXFSZ", ignore);
  }
}
