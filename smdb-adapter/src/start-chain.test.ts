import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TopologyChain } from "./chain.ts";
import type { TopologyError } from "./errors.ts";
import { readResolverDefinitions } from "./resolver-definitions.ts";
import { type ChainEvent, startChain } from "./start-chain.ts";

let folder = "";
let chain: TopologyChain | undefined;
let events: ChainEvent[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rackcast-chain-"));
  events = [];
});
afterEach(async () => {
  await chain?.close();
  chain = undefined;
  await rm(folder, { recursive: true });
});

async function start(...values: readonly unknown[]): Promise<TopologyChain> {
  const written = values.map((value, index) => ({ source: `RESOLVERS[${index}]`, value }));
  const { definitions, faults } = readResolverDefinitions(written);
  expect(faults).toEqual([]);
  chain = await startChain({
    definitions,
    levels: ["row", "rack"],
    ttlSeconds: 60,
    negativeTtlSeconds: 10,
    waitMs: 500,
    now: () => performance.now(),
    onEvent: (event) => events.push(event),
  });
  return chain;
}

async function refusal(...values: readonly unknown[]): Promise<TopologyError> {
  return start(...values).then(
    () => expect.fail("it started"),
    (error: TopologyError) => error,
  );
}

async function written(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

const subnet = (prefixes: object) => ({ type: "subnet", prefixes });

describe("a chain that is started", () => {
  it("asks in the order of its definitions, each under its name", async () => {
    const file = await written("racks", "10.77.1.5 row1/special\n");
    const started = await start({ type: "file", file }, subnet({ "10.77.0.0/16": ["row1", "rest"] }));
    expect(started.locate("10.77.1.5")).toEqual({ path: ["row1", "special"], resolver: "file" });
    expect(started.locate("10.77.1.6")).toEqual({ path: ["row1", "rest"], resolver: "subnet" });
  });

  it("has a program run no more often at a time than it is told to", async () => {
    const body = `mkdir ${folder}/$1 && ls -d ${folder}/10.* | wc -l >> ${folder}/counts; sleep 0.05; rmdir ${folder}/$1; echo row1/rack1`;
    const program = await written("where-is", `#!/bin/sh\n${body}\n`);
    await chmod(program, 0o755);
    const started = await start({ type: "command", command: [program], concurrency: 2 });
    await Promise.all(Array.from({ length: 8 }, async (_, host) => started.prefetch(`10.0.0.${host}`)));
    const counts = (await readFile(join(folder, "counts"), "utf8")).trim().split("\n").map(Number);
    expect(counts).toHaveLength(8);
    expect(Math.max(...counts)).toBe(2);
  });

  it("reads all its files again when told to, keeps what is refused, and says so", async () => {
    const [one, two] = [await written("one", "10.0.1.1 row1/a\n"), await written("two", "10.0.2.1 row1/b\n")];
    const started = await start({ type: "file", file: one }, { type: "file", file: two });
    await written("one", "10.0.1.1 row1/c\n");
    await written("two", "10.0.2.1 b\n");
    await started.reload();
    expect(started.locate("10.0.1.1")).toMatchObject({ path: ["row1", "c"] });
    expect(started.locate("10.0.2.1")).toMatchObject({ path: ["row1", "b"] });
    // They are read at the same time, and which is first depends on the disk.
    expect(events.toSorted((one, other) => (one.resolver < other.resolver ? -1 : 1))).toMatchObject([
      { kind: "reloaded", resolver: "file", source: one, entryCount: 1 },
      { kind: "refused", resolver: "file-2", source: two, error: { code: "TOPOLOGY_FILE_FAULTY" } },
    ]);
  });

  it("is refused with the faults of every definition, the setting or the line before each", async () => {
    const file = await written("racks", "10.77.1.0/24 rack1\n");
    const { code, message } = await refusal(
      subnet({ "10.0.0.0/33": "row1/a", "10.0.0.0/8": "b" }),
      { type: "file", file },
      { type: "file", file: join(folder, "gone") },
    );
    expect(code).toBe("RESOLVER_SETTINGS_FAULTY");
    expect(message.split("\n")).toEqual([
      "the resolvers subnet, file, file-2 are refused; correct the settings listed:",
      '  RESOLVERS[0].prefixes: "10.0.0.0/33": has no prefix length from 0 to 32 after the slash; write a prefix such as 10.77.1.0/24 or 2001:db8::/32, or a single address',
      '  RESOLVERS[0].prefixes: "b": has 1 level where 2 levels must be; write row/rack, outermost first, or change LEVELS',
      `  ${file}:1: "rack1": has 1 level where 2 levels must be; write row/rack, outermost first, or change LEVELS`,
      expect.stringMatching(/^ {2}RESOLVERS\[2\]: "file-2": cannot read .*gone: ENOENT.*; check that the file exists/),
    ]);
  });

  it("is refused by a file alone with what that says", async () => {
    const { code, message } = await refusal({ type: "file", file: join(folder, "gone") });
    expect(code).toBe("TOPOLOGY_FILE_UNREADABLE");
    expect(message).toMatch(/^cannot read /);
  });
});
