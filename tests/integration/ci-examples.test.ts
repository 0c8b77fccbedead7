// Holds what can be held of the CI examples without a CI server: they are sound YAML and shell, and cancelling reaches the command.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { startTrackerCommand, type TrackerCommand, until } from "../support/tracker-command.ts";
import { type Outcome, runCommand } from "./cli-process.ts";

const root = join(import.meta.dirname, "../..");
const SUPERVISED = join(root, "ops/ci/github/supervised.sh");

describe("the CI examples", () => {
  it.each([
    "ops/ci/github/action.yml",
    "ops/ci/github/deploy.yml",
    "ops/ci/gitlab/.gitlab-ci.yml",
    "ops/ci/jenkins/vars/rackcastDeploy.groovy",
  ])("%s holds shell that is sound", (file) => {
    const scripts = shellIn(file);
    expect(scripts).not.toEqual([]);
    for (const script of scripts) {
      const { status, stderr } = spawnSync("sh", ["-n"], { input: script, encoding: "utf8" });
      expect({ status, stderr }, script).toEqual({ status: 0, stderr: "" });
    }
  });
});

function shellIn(file: string): string[] {
  const source = readFileSync(join(root, file), "utf8");
  if (file.endsWith(".groovy")) return [...source.matchAll(/'''([^]*?)'''/g)].map(([, script = ""]) => script);
  return scriptsOf(parse(source, { strict: true }));
}

/** Values of `run` and items of `script` and `before_script`, wherever they are; an expression of GitHub's is a word. */
function scriptsOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    if (!["run", "script", "before_script"].includes(key)) return scriptsOf(inner);
    return [inner].flat().map((script) => String(script).replaceAll(/\$\{\{.*?\}\}/g, "word"));
  });
}

describe("supervised.sh", () => {
  let folder: string;
  let tracker: TrackerCommand;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "rackcast-ci-"));
    writeFileSync(join(folder, "web-1"), "payload");
    tracker = await startTrackerCommand(["--data-dir", join(folder, "data")]);
    const args = ["publish", "web-1", "--activate", "--target", "10.77.1.5"];
    await runCommand(args, { cwd: folder, env: { RACKCAST_TRACKER: tracker.url } });
  }, 60_000);
  afterAll(async () => {
    await tracker.end("SIGTERM");
    rmSync(folder, { recursive: true });
  });

  function supervise(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const PATH = join(root, "node_modules/.bin") + delimiter + process.env["PATH"];
    const child = spawn("sh", [SUPERVISED, "rackcast", ...args], {
      env: { PATH, RACKCAST_TRACKER: tracker.url, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const outcome = Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]);
    return { child, outcome: outcome.then(([[code], stdout, stderr]): Outcome => ({ code, stdout, stderr })) };
  }

  it("has nothing to add to success", async () => {
    const { code, stdout, stderr } = await supervise(["list", "--json"]).outcome;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ transfers: [{ name: "web-1" }] });
  });

  it("ends with the command's exit code and says what it means, as GitHub shows it", async () => {
    const output = join(folder, "output");
    const env = { GITHUB_ACTIONS: "true", GITHUB_OUTPUT: output };
    const { code, stdout } = await supervise(["wait", "web-1", "--timeout", "1s"], env).outcome;
    expect({ code, stdout }).toEqual({
      code: 3,
      stdout: expect.stringMatching(/^::error title=.* 3::Hosts are still/),
    });
    expect(readFileSync(output, "utf8")).toBe("exit-code=3\n");
  });

  it("passes SIGTERM on and stays until the command has ended by it", async () => {
    const { child, outcome } = supervise(["wait", "web-1", "--timeout", "5m"]);
    let said = "";
    child.stderr.on("data", (piece) => (said += String(piece)));
    await until("it waits", () => Promise.resolve(said.includes("web-1")));
    child.kill("SIGTERM");
    expect(await outcome).toEqual({
      code: 130,
      stdout: "",
      stderr: expect.stringMatching(/Interrupted\.\nrackcast ended with 130: /),
    });
  });
});
