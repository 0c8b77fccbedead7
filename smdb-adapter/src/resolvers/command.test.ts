import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ResolverEvent } from "../resolver-kind.ts";
import type { TopologyResolver } from "../topology-resolver.ts";
import { commandKind } from "./command.ts";

let folder = "";
let resolver: TopologyResolver | undefined;
let events: ResolverEvent[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rackcast-command-"));
  events = [];
});

afterEach(async () => {
  await resolver?.close();
  resolver = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function script(body: string, mode = 0o755): Promise<string> {
  const file = join(folder, "where-is");
  await writeFile(file, `#!/bin/sh\n${body}\n`, { mode });
  return file;
}

async function start(command: string[], timeoutMs = 10_000): Promise<TopologyResolver> {
  const context = {
    name: "command",
    levels: ["row", "rack"],
    timeoutMs,
    onEvent: (event: ResolverEvent) => void events.push(event),
  };
  resolver = await commandKind.start({ command, concurrency: 8 }, context);
  return resolver;
}

async function pathBy(body: string, address = "10.77.1.5"): Promise<string | undefined> {
  return (await (await start([await script(body)])).locate(address))?.path.join("/");
}

/** What has ended may stay a zombie for as long as its new parent does not look. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") Z");
  return !/\) [ZX]/.test(stat);
}

async function expectAllEnded(pids: readonly number[]): Promise<void> {
  await vi.waitFor(async () => expect(await Promise.all(pids.map(isAlive))).toEqual(pids.map(() => false)));
}

async function pidsIn(file: string): Promise<number[]> {
  return await vi.waitFor(async () => {
    const pids = (await readFile(join(folder, file), "utf8")).trim().split("\n").map(Number);
    expect(pids).toHaveLength(2);
    return pids;
  });
}

describe("command resolver", () => {
  it("takes what is printed for the path, and nothing for unknown", async () => {
    expect(await pathBy("echo row4/rack12")).toBe("row4/rack12");
    expect(await pathBy("true")).toBeUndefined();
    expect(await pathBy("echo")).toBeUndefined();
    expect(events).toEqual([]);
  });

  it("gives the address last, or where the arguments say, and no shell sees either", async () => {
    const file = await script('echo "row$#/$1,$2"');
    const pathWith = async (args: string[]) => (await (await start([file, ...args])).locate("2001:db8::5"))?.path;
    expect(await pathWith(["$HOME; *"])).toEqual(["row2", "$HOME; *,2001:db8::5"]);
    expect(await pathWith(["--ip={address}", "x"])).toEqual(["row2", "--ip=2001:db8::5,x"]);
  });

  it.each([
    ["of another depth", "echo rack12", "has 1 level where 2 levels must be"],
    ["in several lines", "printf 'row1/rack1\\nrow2/rack2\\n'", "has a control character"],
    ["with a control character", "printf 'row1/ra\\033ck'", "has a control character in a name"],
    ["without a name", "echo row1/", "has a level without a name"],
  ])("counts a path %s as unknown, and tells", async (_what, body, problem) => {
    expect(await pathBy(body)).toBeUndefined();
    expect(events).toEqual([expect.objectContaining({ kind: "fault", resolver: "command", fault: "path-refused" })]);
    expect(events[0]).toHaveProperty("problem", expect.stringContaining(problem));
  });

  it.each([
    [
      "exits with a status",
      "echo row1/rack1; echo 'no database' >&2; echo more >&2; exit 7",
      "it ended with status 7: no database;",
    ],
    ["exits without a word", "exit 1", "it ended with status 1;"],
    ["is killed", "kill -9 $$", "it was ended by SIGKILL"],
    ["prints too much", "while echo row1/rack1; do :; done", "it printed more than 4096 bytes"],
  ])("fails when the program %s, naming it and the address", async (_what, body, message) => {
    const attempt = pathBy(body);
    await expect(attempt).rejects.toMatchObject({ code: "RESOLVER_FAILED" });
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.toThrow(`${folder}/where-is failed for 10.77.1.5`);
  });

  it("ends a program that takes too long, with all that it has started", async () => {
    const file = await script(`sleep 60 & echo $! >> ${folder}/pids; echo $$ >> ${folder}/pids; wait`);
    const { locate } = await start([file], 700);
    await expect(locate("10.77.1.5")).rejects.toThrow(/it did not end within \d+ ms/);
    const pids = await pidsIn("pids");
    await expectAllEnded(pids);
  });

  it("does not wait for a child in the background that holds the output", async () => {
    const { locate } = await start([await script("sleep 60 & echo row1/rack1")], 500);
    await expect(locate("10.77.1.5")).rejects.toThrow("did not end within");
  });

  it("ends its programs when it is closed", async () => {
    const file = await script(`sleep 60 & echo $! >> ${folder}/pids; echo $$ >> ${folder}/pids; wait`);
    const started = await start([file]);
    const lookup = Promise.resolve(started.locate("10.77.1.5")).catch((error: unknown) => error);
    const pids = await pidsIn("pids");
    await started.close();
    expect(String(await lookup)).toContain("the resolver is closed");
    await expectAllEnded(pids);
  });

  it("finds a program by its name in PATH", async () => {
    await expect(start(["echo", "row1/rack1"])).resolves.toBeDefined();
  });

  it.each([
    ["does not exist", async () => join(folder, "nowhere")],
    ["is not a file", async () => folder],
    ["is in no folder of PATH", async () => "no-such-program-anywhere"],
    ["may not be executed by this user", async () => await script("true", 0o644)],
  ])("refuses to start with a program that %s", async (problem, program) => {
    await expect(start([await program()])).rejects.toMatchObject({
      code: "RESOLVER_SETTINGS_FAULTY",
      message: expect.stringContaining(`${problem}; name a program`),
    });
  });

  it("fails for a program that has gone since", async () => {
    const file = await script("true");
    const { locate } = await start([file]);
    await rm(file);
    await expect(locate("10.77.1.5")).rejects.toMatchObject({
      code: "RESOLVER_FAILED",
      message: expect.stringContaining("ENOENT"),
    });
  });
});
