// `rackcast demo` as a user runs it: real tracker, real rtorrent, this machine's loopback.
import { type ChildProcess, spawn } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DemoReport } from "../../deployer-cli/src/demo/demo-report.ts";
import { RUN_ENVIRONMENT } from "../support/run-environment.ts";

const RACKCAST = fileURLToPath(new URL("../../deployer-cli/bin/rackcast.js", import.meta.url));
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "rcd-"))));
afterEach(async () => {
  const left = await processesOf(folder);
  await rm(folder, { recursive: true, force: true });
  if (left.length > 0) throw new Error(`the demo left running: ${left.join("; ")}`);
});

interface Run {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  readonly exitCode: Promise<number | null>;
}

interface RunOptions {
  readonly launcher?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Everything temporary goes below `folder`, by which it is found again. */
function demo(args: readonly string[], { launcher = [], env = {} }: RunOptions = {}): Run {
  const [command = "", ...rest] = [...launcher, process.execPath, RACKCAST, "demo", ...args];
  const child = spawn(command, rest, { env: { ...RUN_ENVIRONMENT, TMPDIR: folder, ...env } });
  const written = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (written.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (written.stderr += chunk.toString()));
  const exitCode = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, stdout: () => written.stdout, stderr: () => written.stderr, exitCode };
}

async function processesOf(part: string): Promise<string[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")));
  return commands.filter((command) => command.includes(part)).map((command) => command.replaceAll("\0", " "));
}

async function until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await delay(50);
  }
}

async function succeeded(run: Run): Promise<void> {
  const code = await run.exitCode;
  if (code !== 0) throw new Error(`the demo ended with ${code}: ${run.stderr()}`);
}

/** Hosts are under way: the first line of progress with a share in it. */
const isUnderWay = (run: Run) => /rack1 [1-9]\d? %/.test(run.stderr());

describe("the demo", () => {
  it("brings a release to every host, across each rack's edge about once, and leaves nothing behind", async () => {
    const run = demo(["--json"]);
    await succeeded(run);
    const report = JSON.parse(run.stdout()) as DemoReport;
    expect(report.verified).toBe(true);
    expect(report.hosts).toHaveLength(12);
    expect(report.racks.map(({ rack, hosts, verifiedHosts }) => [rack, hosts, verifiedHosts])).toEqual([
      ["rack1", 4, 4],
      ["rack2", 4, 4],
      ["rack3", 4, 4],
    ]);
    for (const { copies, crossed } of report.racks) {
      expect(copies).toBeGreaterThan(0.99);
      expect(copies).toBeLessThan(1.15);
      expect(crossed.length).toBeGreaterThanOrEqual(1);
      expect(crossed.length).toBeLessThanOrEqual(2);
    }
    for (const { outsideBytes, insideBytes } of report.hosts) {
      expect((outsideBytes + insideBytes) / report.payload.lengthBytes).toBeGreaterThan(0.99);
      expect((outsideBytes + insideBytes) / report.payload.lengthBytes).toBeLessThan(1.15);
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it("deploys the user's own files, whatever their names, never touches them, and prints a table", async () => {
    const source = join(folder, 'my "release" $1.0, ü');
    const files = new Map([
      ["read me.txt", Buffer.from("hello")],
      ["empty", Buffer.alloc(0)],
      ["deep/er/日本語, 'quoted'.bin", crypto.getRandomValues(Buffer.alloc(60_000))],
      ["data.bin", Buffer.concat(Array.from({ length: 64 }, () => crypto.getRandomValues(Buffer.alloc(65_536))))],
    ]);
    await mkdir(join(source, "deep/er"), { recursive: true });
    for (const [path, bytes] of files) {
      await writeFile(join(source, path), bytes);
      await chmod(join(source, path), 0o400);
    }
    const run = demo([source, "--racks", "2", "--hosts", "2", "--keep"]);
    await succeeded(run);
    expect(run.stdout()).toMatch(/^RACK +HOSTS/);
    expect(run.stdout().match(/2 of 2 right/g)).toHaveLength(2);
    const kept = /^Kept: (.*)$/m.exec(run.stderr())?.[1] ?? "";
    for (const host of ["rack1-host1", "rack1-host2", "rack2-host1", "rack2-host2"]) {
      const copy = join(kept, host, "payloads", 'my "release" $1.0, ü');
      for (const [path, bytes] of files) expect(await readFile(join(copy, path))).toEqual(bytes);
    }
    expect((await readdir(source)).sort()).toEqual(["data.bin", "deep", "empty", "read me.txt"]);
  });

  it("ends every process and removes every file when it is interrupted", async () => {
    const run = demo(["--racks", "2", "--hosts", "2"]);
    await until("hosts are under way", () => isUnderWay(run));
    expect((await processesOf(folder)).length).toBeGreaterThanOrEqual(6);
    run.child.kill("SIGINT");
    expect(await run.exitCode).toBe(130);
    expect(run.stderr()).toContain("Interrupted");
    expect(await processesOf(folder)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it("leaves nothing behind either when it is told twice to end", async () => {
    const run = demo(["--racks", "2", "--hosts", "2"]);
    await until("hosts are under way", () => isUnderWay(run));
    run.child.kill("SIGINT");
    run.child.kill("SIGTERM");
    expect(await run.exitCode).toBe(130);
    await until("every process has ended", async () => (await processesOf(folder)).length === 0, 5_000);
    expect(await readdir(folder)).toEqual([]);
  });

  it("fails with the host's address when a client dies on the way, and cleans up", async () => {
    const run = demo(["--racks", "2", "--hosts", "2"]);
    await until("hosts are under way", () => isUnderWay(run));
    const victim = await pidOf(`${folder}/`, "rack2-host2");
    process.kill(victim, "SIGKILL");
    expect(await run.exitCode).toBe(1);
    expect(run.stderr()).toMatch(/rtorrent of 127\.0\.2\.2 was ended by SIGKILL/);
    expect(await readdir(folder)).toEqual([]);
  });

  it("says how to get rtorrent where there is none", async () => {
    const run = demo([], { env: { PATH: folder } });
    expect(await run.exitCode).toBe(1);
    expect(run.stderr()).toMatch(/rtorrent is not installed[^]*apt install rtorrent/);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    [["--racks", "0"], /racks/],
    [["--racks", "90", "--hosts", "90"], /fewer/],
    [["--size", "1k"], /at least 1 MiB/],
    [["some.torrent"], /files themselves/],
  ])("refuses %j as a usage error before anything starts", async (args, message) => {
    const run = demo(args);
    expect(await run.exitCode).toBe(2);
    expect(run.stderr()).toMatch(message);
    expect(await readdir(folder)).toEqual([]);
  });

  it.runIf(isRoot)("needs no root, and no HOME", async () => {
    await chown(folder, NOBODY, NOBODY);
    const launcher = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
    const run = demo(["--racks", "1", "--hosts", "2", "--size", "4MiB", "--json"], { launcher });
    await succeeded(run);
    expect((JSON.parse(run.stdout()) as DemoReport).verified).toBe(true);
  });
});

async function pidOf(...parts: readonly string[]): Promise<number> {
  for (const id of await readdir("/proc")) {
    const command = /^\d+$/.test(id) ? await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "") : "";
    if (parts.every((part) => command.includes(part))) return Number(id);
  }
  throw new Error(`no process has ${parts.join(" and ")} in its command line`);
}
