// Holds what `rackcast keys` does with a real tracker; the program runs in this process, because many calls are cheap so.
import { afterAll, beforeAll, expect, it } from "vitest";
import { createPaper, GOLDEN_PAPERS } from "../../deployer-cli/src/output/paper.ts";
import { createTerminal } from "../../deployer-cli/src/output/terminal.ts";
import { runProgram } from "../../deployer-cli/src/program.ts";
import { type StoryTracker, startStoryTracker } from "../support/story-tracker.ts";
import type { Outcome } from "./cli-process.ts";

let tracker: StoryTracker;
beforeAll(async () => {
  tracker = await startStoryTracker({ HOST: "127.0.0.1" });
});
afterAll(async () => tracker.close());

async function keys(...args: readonly string[]): Promise<Outcome> {
  const [stdout, stderr] = [createPaper(GOLDEN_PAPERS[80]), createPaper(GOLDEN_PAPERS[80])];
  const terminal = createTerminal(stdout, stderr, {});
  const session = { terminal, env: {}, signal: new AbortController().signal };
  const code = await runProgram(["keys", ...args, "--tracker", tracker.url], session);
  return { code, stdout: stdout.written, stderr: stderr.written };
}

async function json(...args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await keys(...args, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

it("issues a key with its announce URL, and says that it is shown once", async () => {
  const { code, stdout, stderr } = await keys("issue", "web");
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/^Note: the key is shown this once; .*\n$/),
  });
  const [, key] = /^key +([0-9a-f]{32})$/m.exec(stdout) ?? [];
  expect(stdout).toBe(`user          web\nkey           ${key}\nannounce URL  ${tracker.url}/announce/${key}\n`);
  expect((await keys("list")).stdout).toMatch(/^USER .*\nweb +\S+ \S+Z +- +-\n$/);
  expect((await keys("list")).stdout).not.toContain(key);
});

it("rotates a key, and says how long those before go on", async () => {
  const usual = await keys("rotate", "web");
  expect(usual.stdout).toMatch(/^key +[0-9a-f]{32}\n.*\nkeys before +go on until \S+ \S+Z$/m);
  expect(hoursFromNow((await json("list")) as never)).toBeCloseTo(24, 1);
  expect((await keys("rotate", "web", "--grace", "0")).stdout).toMatch(/^keys before +ended$/m);
  const rotated = (await json("rotate", "web", "--grace", "30d")) as { formerUntil: string };
  expect(rotated).toMatchObject({ user: "web", announceUrl: expect.stringMatching(/\/announce\/[0-9a-f]{32}$/) });
  expect(hoursFromNow({ keys: [rotated] })).toBeCloseTo(720, 1);
});

it("revokes the keys of a user, and lists nobody then", async () => {
  const revoked = { code: 0, stdout: "web has no announce key any more\n", stderr: "" };
  expect(await keys("revoke", "web")).toEqual(revoked);
  expect(await keys("list")).toEqual({ code: 0, stdout: "", stderr: "No announce keys.\n" });
  await keys("issue", "db");
  expect(await json("revoke", "db")).toEqual({ user: "db", revoked: true });
  expect(await json("list")).toEqual({ keys: [] });
});

it.each([
  [["issue", "10.0.0.1"], 1, /"10\.0\.0\.1" is no name of a user; write 1 to 16 letters/],
  [["issue", "taken"], 1, /taken has an announce key already.*\nThat is: rackcast keys rotate/],
  [["rotate", "nobody"], 1, /"nobody" has no announce key.*\nThat is: rackcast keys list/],
  [["revoke", "tkaen"], 1, /tkaen has no announce key\.\nSee who has one: rackcast keys list/],
  [["rotate", "taken", "--grace", "31d"], 2, /Give whole seconds up to 30d/],
  [["rotate", "taken", "--grace", "0.5s"], 2, /Give whole seconds up to 30d/],
  [["rotate", "taken", "--grace", "soon"], 2, /Give a duration/],
  [["issue"], 2, /missing required argument 'user'/],
])("%j is refused with the remedy, and changes nothing", async (args, code, message) => {
  await keys("issue", "taken");
  const before = await json("list");
  expect(await keys(...args)).toEqual({ code, stdout: "", stderr: expect.stringMatching(message) });
  expect(await json("list")).toEqual(before);
});

function hoursFromNow({ keys: [key] }: { readonly keys: readonly { readonly formerUntil: string }[] }): number {
  return (Date.parse(key!.formerUntil) - Date.now()) / 3_600_000;
}
