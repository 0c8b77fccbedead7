// Holds that bin/rackcast.js runs the command under the pinned Node from any folder, and is invisible but for that.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const pinned = `node-linux-${process.arch}`;
const ENTRY = `
import { DatabaseSync } from "node:sqlite";
new DatabaseSync(":memory:").close();
const [order, ...rest]: string[] = process.argv.slice(2);
if (order === "catch") process.on("SIGTERM", () => process.exit(3));
if (order === "catch" || order === "wait") setInterval(() => undefined, 1000);
console.log(JSON.stringify({ major: Number.parseInt(process.versions.node), rest, folder: process.cwd() }));
if (order === "exit") process.exit(7);
`;

const checkout = mkdtempSync(join(tmpdir(), "rackcast-launcher-"));
const launcher = join(checkout, "bin/rackcast.js");

beforeAll(() => {
  for (const folder of ["bin", "src", "node_modules"]) mkdirSync(join(checkout, folder));
  copyFileSync(join(root, "deployer-cli/bin/rackcast.js"), launcher);
  writeFileSync(join(checkout, "package.json"), '{ "type": "module" }');
  writeFileSync(join(checkout, "src/main.ts"), ENTRY);
  symlinkSync(join(root, "node_modules", pinned), join(checkout, "node_modules", pinned));
});
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

const systemNode = findSystemNode();
if (systemNode === undefined)
  console.warn("rackcast-launcher: no Node older than 24 on this machine; those tests are skipped");

describe.each([
  ["the pinned Node", process.execPath],
  ["a Node too old for it", systemNode],
])("rackcast started by %s", (_, node = "") => {
  it.skipIf(node === "")(
    "runs under Node 24 in the caller's folder, with the arguments as given and no warning",
    () => {
      const { stdout, stderr } = spawnSync(node, [launcher, "print", "a b", "--c=*"], { cwd: "/", encoding: "utf8" });
      expect(stderr).toBe("");
      expect(JSON.parse(stdout)).toEqual({ major: 24, rest: ["a b", "--c=*"], folder: "/" });
    },
  );

  it.skipIf(node === "")("passes on the exit code", () => {
    expect(spawnSync(node, [launcher, "exit"]).status).toBe(7);
  });

  it.skipIf(node === "")("passes on a signal, and lets the command answer it", async () => {
    expect(await endedBy(node, "catch", "SIGTERM")).toEqual([3, null]);
  });

  it.skipIf(node === "").each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "dies of %s as the command does",
    async (signal) => {
      expect(await endedBy(node, "wait", signal)).toEqual([null, signal]);
    },
  );
});

it.skipIf(systemNode === undefined)("names the remedy when neither Node 24 nor the pinned one is there", () => {
  const bare = mkdtempSync(join(tmpdir(), "rackcast-launcher-"));
  copyFileSync(launcher, join(bare, "rackcast.mjs"));
  const { status, stderr } = spawnSync(systemNode ?? "", [join(bare, "rackcast.mjs")], { encoding: "utf8" });
  rmSync(bare, { recursive: true });
  expect(status).toBe(1);
  expect(stderr).toMatch(/needs Node 24.*\n.*npm install --include=optional/);
});

/** How the launcher ends when it is sent the signal once the command runs: its exit code and signal. */
async function endedBy(node: string, order: string, signal: NodeJS.Signals): Promise<unknown[]> {
  const child = spawn(node, [launcher, order], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.kill(signal);
  return once(child, "exit");
}

function findSystemNode(): string | undefined {
  return ["/usr/bin/node", "/usr/local/bin/node"].find((node) => {
    if (!existsSync(node)) return false;
    const { stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
    return Number.parseInt(stdout.slice(1)) < 24;
  });
}
