// The completion scripts in real shells: TAB is pressed, and the line is looked at. bash always, zsh and fish where they are.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InteractiveShell, type ShellName, startInteractiveShell } from "../support/interactive-shell.ts";
import { startTrackerCommand, type TrackerCommand } from "../support/tracker-command.ts";
import { runCommand } from "./cli-process.ts";

const BIN = join(import.meta.dirname, "../../node_modules/.bin");
const SHELLS = (["bash", "zsh", "fish"] as const).filter((shell) => spawnSync(shell, ["--version"]).status === 0);
/** Starting the command for the names of transfers is most of it. */
const TIMEOUT_MS = 60_000;

let folder: string;
let tracker: TrackerCommand;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rackcast-completion-"));
  tracker = await startTrackerCommand(["--data-dir", join(folder, "data")]);
  for (const name of ["web-1.2.3", "it's $(touch spoilt)"]) {
    writeFileSync(join(folder, name), name);
    await runCommand(["publish", name], { cwd: folder, env: { RACKCAST_TRACKER: tracker.url } });
  }
  mkdirSync(join(folder, "payload"));
}, TIMEOUT_MS);
afterAll(async () => {
  await tracker.end("SIGTERM");
  rmSync(folder, { recursive: true });
});

describe.each(SHELLS)("in %s, TAB", (name) => {
  let shell: InteractiveShell;
  beforeAll(async () => {
    shell = await startShell(name, { RACKCAST_TRACKER: tracker.url });
  }, TIMEOUT_MS);
  afterAll(() => shell.end());

  it.each([
    ["a command", "rackcast pub", "rackcast publish"],
    ["a command's command", "rackcast config render rt", "rackcast config render rtorrent"],
    [
      "an option behind arguments and other options",
      "rackcast wait a -t http://a:1 --ti",
      "rackcast wait a -t http://a:1 --timeout",
    ],
    ["a choice", "rackcast list --state ina", "rackcast list --state inactive"],
    ["a choice behind =", "rackcast list --state=reg", "rackcast list --state=registered"],
    ["a choice in an argument's place", "rackcast completion zs", "rackcast completion zsh"],
    ["a file in an argument's place", "rackcast build pay", "rackcast build payload/"],
    ["an option's file", "rackcast activate a --targets-file pay", "rackcast activate a --targets-file payload/"],
    ["a transfer", "rackcast wait --json web-", "rackcast wait --json web-1.2.3"],
    ["nothing of what nobody can know", "rackcast wait a --min pay", "rackcast wait a --min pay"],
    ["nothing of what runs when it is inserted", "rackcast wait it", "rackcast wait it"],
  ])(
    "completes %s",
    async (_what, typed, completed) => {
      expect((await shell.lineAfter(`${typed}\t`)).replace(/[ =]$/, "")).toBe(completed);
    },
    TIMEOUT_MS,
  );
});

describe("completion", () => {
  it("asks the tracker that the line names", async () => {
    const shell = await startShell("bash", { RACKCAST_TRACKER: "http://127.0.0.1:1" });
    expect(await shell.lineAfter(`rackcast status -t ${tracker.url} web-\t`)).toMatch(/ web-1\.2\.3 $/);
    await shell.end();
  });

  it("lists all commands, and nothing hidden, at the start", async () => {
    const shell = await startShell("bash", {});
    const line = await shell.lineAfter("rackcast \u001b*");
    expect(line).toMatch(/^rackcast activate ban build .* wait $/);
    expect(line).not.toContain("__complete");
    await shell.end();
  });

  it("says nothing where no tracker answers, and soon", async () => {
    const env = { RACKCAST_TRACKER: "http://127.0.0.1:1" };
    expect(await runCommand(["__complete", "transfers", "wait"], { env })).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

async function startShell(name: ShellName, env: Readonly<Record<string, string>>): Promise<InteractiveShell> {
  const home = mkdtempSync(join(folder, `.${name}-`));
  const script = join(home, "script");
  writeFileSync(script, (await runCommand(["completion", name])).stdout);
  const PATH = BIN + delimiter + process.env["PATH"];
  return startInteractiveShell(name, { home, folder, script, env: { PATH, ...env } });
}
