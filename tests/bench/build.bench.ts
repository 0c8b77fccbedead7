// How fast a torrent is built, beside mktorrent and plain create-torrent on the same file, and in how much memory.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { TICKS_PER_SECOND } from "./pinned-servers.ts";
import { median, print } from "./tables.ts";
import { ratioColumns, ratios, type Speeds } from "./turns.ts";

export type BuildWay = "rackcast" | "create-torrent" | "sha256";

export interface BuildMeasure {
  readonly seconds: number;
  readonly processorSeconds: number;
  /** Undefined of a program that does not say. */
  readonly peakBytes: number | undefined;
}

interface Builder extends Speeds {
  readonly name: string;
  readonly peakBytes: number[];
  build(file: string): Promise<BuildMeasure>;
}

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const ROUNDS = 7;
const PIECE_LENGTH_BYTES = 512 * 1024;
const BUDGET = 0.75;
const RUN = fileURLToPath(new URL("./build-run.ts", import.meta.url));
const run = promisify(execFile);

export async function printBuild(): Promise<void> {
  console.log(
    `\nBuilding the torrent of a file of 1 GiB, in turns, medians of ${ROUNDS}; budget: ${BUDGET} of mktorrent`,
  );
  await withFolder(async (folder) => {
    const mktorrent = builder("mktorrent -t 2 (pieces)", (file) => runMktorrent(file, join(folder, "theirs.torrent")));
    const rackcast = builder("rackcast (pieces, SHA-256 of the file)", (file) => runNode("rackcast", file));
    const others = [
      builder("SHA-256 of the file alone: one stream, so the bound", (file) => runNode("sha256", file)),
      builder("create-torrent (pieces)", (file) => runNode("create-torrent", file)),
    ];
    const file = await zeros(folder, GIB);
    const builders = (await isInstalled("mktorrent")) ? [rackcast, mktorrent, ...others] : [rackcast, ...others];
    await rackcast.build(file); // Brings the file into the system's memory.
    for (let round = 0; round < ROUNDS; round++) for (const each of builders) await takeTurn(each, file);
    const head = ["", "GB/s", ...ratioColumns("mktorrent"), "peak of memory, MiB"];
    print(
      head,
      builders.map((each) => row(each, builders.includes(mktorrent) ? mktorrent : undefined)),
    );
    await printPeaks(folder, rackcast);
  });
}

async function printPeaks(folder: string, { build, peakBytes }: Builder): Promise<void> {
  const { peakBytes: peak = Number.NaN } = await build(await zeros(folder, 4 * GIB));
  const more = (peak - median(peakBytes)) / MIB;
  console.log(
    `rackcast on a file of 4 GiB: ${mebibytes(peak)} MiB at its peak, ${more.toFixed(0)} MiB more than on 1 GiB`,
  );
}

function row(each: Builder, mktorrent: Builder | undefined): string[] {
  const gigabytes = (median(each.perSecond) / 1e9).toFixed(2);
  return [each.name, gigabytes, ...ratios(each, mktorrent), mebibytes(median(each.peakBytes))];
}

function mebibytes(bytes: number): string {
  return Number.isNaN(bytes) ? "-" : (bytes / MIB).toFixed(0);
}

function builder(name: string, build: Builder["build"]): Builder {
  return { name, build, perSecond: [], perProcessorSecond: [], peakBytes: [] };
}

async function takeTurn({ build, perSecond, perProcessorSecond, peakBytes }: Builder, file: string): Promise<void> {
  const measure = await build(file);
  perSecond.push(GIB / measure.seconds);
  perProcessorSecond.push(GIB / measure.processorSeconds);
  if (measure.peakBytes !== undefined) peakBytes.push(measure.peakBytes);
}

/** Node's own start does not count. */
async function runNode(way: BuildWay, file: string): Promise<BuildMeasure> {
  const { stdout } = await run(process.execPath, [...process.execArgv, RUN, way, file, `${PIECE_LENGTH_BYTES}`]);
  return JSON.parse(stdout) as BuildMeasure;
}

async function runMktorrent(file: string, torrent: string): Promise<BuildMeasure> {
  await rm(torrent, { force: true });
  const before = await endedChildrenProcessorSeconds();
  const startedAt = performance.now();
  const pieces = ["-l", `${Math.log2(PIECE_LENGTH_BYTES)}`];
  await run("mktorrent", ["-t", "2", ...pieces, "-p", "-a", "http://tracker.example/announce", "-o", torrent, file]);
  const seconds = (performance.now() - startedAt) / 1000;
  return { seconds, processorSeconds: (await endedChildrenProcessorSeconds()) - before, peakBytes: undefined };
}

async function endedChildrenProcessorSeconds(): Promise<number> {
  const stat = await readFile("/proc/self/stat", "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

async function isInstalled(program: string): Promise<boolean> {
  return run(program, ["-h"]).then(
    () => true,
    (error: { code?: unknown }) => error.code !== "ENOENT",
  );
}

/** A hole: it takes no room on the disk, and is read and hashed like any other bytes. */
async function zeros(folder: string, lengthBytes: number): Promise<string> {
  const file = join(folder, `zeros-${lengthBytes}`);
  await writeFile(file, "");
  await truncate(file, lengthBytes);
  return file;
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "rackcast-bench-"));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
