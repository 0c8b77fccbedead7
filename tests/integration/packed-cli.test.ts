// Holds that the published packages are whole: built, packed and installed together in an empty folder, they run.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const PACKAGES = ["smdb-adapter", "tracker", "client-config", "deployer-cli"];
const SETUP_TIMEOUT_MS = 5 * 60_000;

const scratch = mkdtempSync(join(tmpdir(), "rackcast-packed-"));
const copy = join(scratch, "checkout");
const installed = join(scratch, "installed");
const rackcast = join(installed, "node_modules/.bin/rackcast");

beforeAll(() => {
  copyCheckout();
  run("node", ["ops/build.mjs"], copy);
  const workspaces = PACKAGES.flatMap((name) => ["--workspace", name]);
  mkdirSync(installed);
  run("npm", ["pack", "--pack-destination", installed, ...workspaces], copy);
  writeFileSync(join(installed, "package.json"), '{ "name": "empty", "private": true }');
  const tarballs = readdirSync(installed).filter((name) => name.endsWith(".tgz"));
  const quiet = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
  run("npm", ["install", ...quiet, ...tarballs.map((name) => `./${name}`)], installed);
}, SETUP_TIMEOUT_MS);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("the packed packages, installed in an empty folder", () => {
  it("hold no sources, tests or build records", () => {
    const files = readdirSync(join(installed, "node_modules/@rackcast"), { recursive: true, encoding: "utf8" });
    expect(files).toContain("tracker/dist/main.js");
    expect(files.filter((file) => /\.test\.|tsbuildinfo|(?<!\.d)\.ts$/.test(file))).toEqual([]);
  });

  it("hold every script for Redis, beside the module that runs it", () => {
    const scriptsIn = (folder: string) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".lua"));
    const scripts = scriptsIn(join(root, "tracker/src"));
    expect(scripts.filter((file) => file.startsWith("store/lua/"))).not.toEqual([]);
    expect(scriptsIn(join(installed, "node_modules/@rackcast/tracker/dist")).sort()).toEqual(scripts.sort());
  });

  it("hold the playbooks with all that they run", () => {
    const filesIn = (folder: string) => readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
    const files = filesIn(join(root, "ops/ansible"));
    expect(files).toContain("library/rackcast_release.py");
    const packed = join(installed, "node_modules/@rackcast/deployer-cli/dist/ansible");
    expect(filesIn(packed)).toEqual(files);
    const driver = join(packed, "../distribution/ansible/playbook-folder.js");
    const print = `import { playbookPath } from ${JSON.stringify(driver)}; console.log(playbookPath("load"));`;
    expect(run("node", ["--input-type=module", "--eval", print], scratch).trim()).toBe(join(packed, "load.yml"));
  });

  it("print the version", () => {
    expect(run(rackcast, ["--version"], scratch).trim()).toBe("0.1.0");
  });

  it("build a torrent, large enough for threads", () => {
    const release = join(scratch, "release");
    mkdirSync(release);
    writeFileSync(join(release, "app.bin"), Buffer.alloc(40 * 2 ** 20, 7));
    const torrent = join(scratch, "release.torrent");
    run(rackcast, ["build", release, "--output", torrent], scratch);
    expect(existsSync(torrent)).toBe(true);
  });

  it("start a tracker that answers", async () => {
    const port = await findFreePort();
    const options = ["--host", "127.0.0.1", "--port", `${port}`, "--data-dir", join(scratch, "data")];
    const tracker = spawn(rackcast, ["tracker", ...options], { cwd: scratch, stdio: "ignore" });
    try {
      const response = await fetchOnceUp(`http://127.0.0.1:${port}/healthz`, tracker);
      expect(await response.json()).toEqual({ status: "ok" });
    } finally {
      if (tracker.exitCode === null && tracker.kill("SIGTERM")) await once(tracker, "exit");
    }
    expect(tracker.exitCode).toBe(0);
  });
});

/** The sources as they are, beside the installed dependencies; the workspace links lead to the copy's own packages. */
function copyCheckout(): void {
  const leftOut = new Set(["node_modules", "dist", ".git", "data", "tests"]);
  const filter = (path: string) => !leftOut.has(path.slice(path.lastIndexOf("/") + 1));
  mkdirSync(join(copy, "tests"), { recursive: true });
  for (const name of readdirSync(root).filter(filter))
    cpSync(join(root, name), join(copy, name), { recursive: true, filter });
  cpSync(join(root, "tests/package.json"), join(copy, "tests/package.json"));
  for (const folder of [".", ...PACKAGES])
    linkDependencies(join(root, folder, "node_modules"), join(copy, folder, "node_modules"));
}

function linkDependencies(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    if (name === "@rackcast") cpSync(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true });
    else symlinkSync(join(from, name), join(to, name));
  }
}

function run(command: string, args: string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function fetchOnceUp(url: string, server: ChildProcess): Promise<Response> {
  while (server.exitCode === null) {
    try {
      return await fetch(url);
    } catch {
      await delay(100);
    }
  }
  throw new Error(`the tracker ended with ${server.exitCode} before it answered`);
}
