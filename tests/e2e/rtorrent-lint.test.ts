// What the linter says that rtorrent does not start with, held against the real one.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, onTestFinished } from "vitest";
import { lintConfig, type LintRuleId } from "@rackcast/client-config";
import { startConfiguredRtorrent } from "@rackcast/deployer-cli/rtorrent";
import { RUN_ENVIRONMENT } from "../support/run-environment.ts";

const STOPS_START: readonly LintRuleId[] = [
  "syntax",
  "unknown-command",
  "renamed-command",
  "removed-command",
  "bad-value",
];
/** What would touch this machine: programs, files and ports of others. */
const LEFT_OUT: readonly LintRuleId[] = ["execute", "unchecked-import", "open-control"];

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "rackcast-lint-"))));
afterEach(async () => rm(folder, { recursive: true, force: true }));

/** Its exit code and what it said. It ends by itself, with the last line if with none before. */
async function startAndEnd(config: string): Promise<{ code: number | string; said: string }> {
  const file = join(folder, "rc");
  await writeFile(file, `system.daemon.set = true\n${config}\nsystem.shutdown.quick =\n`);
  return await new Promise((resolve) => {
    execFile(
      "rtorrent",
      ["-n", "-o", `import=${file}`],
      { cwd: folder, env: RUN_ENVIRONMENT, timeout: 20_000 },
      (error, stdout) => resolve({ code: error?.code ?? 0, said: stdout }),
    );
  });
}

it.each(["leaky.rc", "old-names.rc", "tricky.rc"])(
  "%s: the real 0.9.8 refuses each line that stops the start, and starts with all others",
  async (name) => {
    const text = await readFile(new URL(`../../client-config/src/lint/faulty/${name}`, import.meta.url), "utf8");
    const lines = text.split("\n");
    const findings = lintConfig(text, { client: "rtorrent" });
    const stopping = new Set(findings.filter(({ rule }) => STOPS_START.includes(rule)).map(({ line }) => line));
    const leftOut = new Set(findings.filter(({ rule }) => LEFT_OUT.includes(rule)).map(({ line }) => line));
    expect(stopping.size).toBeGreaterThan(2);
    for (const line of stopping) {
      const { code, said } = await startAndEnd(lines[line - 1]!);
      expect({ line, code, said }).toMatchObject({ code: 255, said: expect.stringContaining("rc:2:") });
    }
    const sound = lines.filter((_, index) => !stopping.has(index + 1) && !leftOut.has(index + 1)).join("\n");
    const configFile = join(folder, "sound.rc");
    const scgiSocket = join(folder, "rpc.sock");
    await writeFile(configFile, `system.daemon.set = true\n${sound}\nnetwork.scgi.open_local = "${scgiSocket}"\n`);
    const rtorrent = await startConfiguredRtorrent({ configFile, scgiSocket });
    onTestFinished(async () => void (await rtorrent.kill()));
    expect(await rtorrent.control.call("system.client_version")).toBe("0.9.8");
  },
);

it("what follows a ; in a line of a file is dropped by the real 0.9.8", async () => {
  const configFile = join(folder, "rc");
  const scgiSocket = join(folder, "rpc.sock");
  const line = "throttle.max_peers.normal.set = 7 ; throttle.min_peers.normal.set = 6";
  await writeFile(configFile, `system.daemon.set = true\n${line}\nnetwork.scgi.open_local = "${scgiSocket}"\n`);
  const rtorrent = await startConfiguredRtorrent({ configFile, scgiSocket });
  onTestFinished(async () => void (await rtorrent.kill()));
  expect(await rtorrent.control.call("throttle.max_peers.normal")).toBe(7);
  expect(await rtorrent.control.call("throttle.min_peers.normal")).toBe(100);
});
