import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type FileResolver, type FileResolverOptions, type ReloadResult, startFileResolver } from "./file.ts";

const SETTLE_MS = 30;
const NO_POLLING_MS = 3_600_000;

let directory = "";
let resolver: FileResolver | undefined;
let results: ReloadResult[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "rackcast-topology-"));
  results = [];
});

afterEach(async () => {
  await resolver?.close();
  resolver = undefined;
  await rm(directory, { recursive: true, force: true });
});

async function start(file: string, options: Partial<FileResolverOptions> = {}): Promise<FileResolver> {
  const onReload = (result: ReloadResult) => results.push(result);
  resolver = await startFileResolver({ file, onReload, settleMs: SETTLE_MS, pollMs: NO_POLLING_MS, ...options });
  return resolver;
}

async function written(text: string, name = "topology.txt"): Promise<string> {
  const file = join(directory, name);
  await writeFile(file, text);
  return file;
}

function rackOf(address: string): string | undefined {
  return resolver?.locate(address)?.path.join("/");
}

describe("file resolver", () => {
  it("answers at once, names itself and tells nothing of the first reading", async () => {
    const started = await start(await written("10.77.1.0/24 rack1\n"));
    expect(started.locate("10.77.1.5")).toEqual({ path: ["rack1"], resolver: "file" });
    expect(started.prefixCount).toBe(1);
    expect(results).toEqual([]);
  });

  it("takes a changed file without being asked", async () => {
    const file = await written("10.77.1.0/24 rack1\n");
    await start(file);
    await writeFile(file, "10.77.1.0/24 rack2\n10.77.2.0/24 rack3\n");
    await vi.waitFor(() => expect(rackOf("10.77.1.5")).toBe("rack2"));
    expect(results).toEqual([{ kind: "loaded", file, prefixCount: 2 }]);
  });

  it("takes a file that was renamed into place, as editors and configuration management do", async () => {
    const file = await written("10.77.1.0/24 rack1\n");
    await start(file);
    await rename(await written("10.77.1.0/24 rack2\n", "new"), file);
    await vi.waitFor(() => expect(rackOf("10.77.1.5")).toBe("rack2"));
  });

  it("takes a file whose directory link was moved, as a mounted ConfigMap does", async () => {
    for (const version of ["v1", "v2"]) {
      await mkdir(join(directory, version));
      await written(`10.77.1.0/24 ${version}\n`, `${version}/topology.txt`);
    }
    await symlink("v1", join(directory, "data"));
    await symlink("data/topology.txt", join(directory, "topology.txt"));
    await start(join(directory, "topology.txt"));
    await symlink("v2", join(directory, "data-new"));
    await rename(join(directory, "data-new"), join(directory, "data"));
    await vi.waitFor(() => expect(rackOf("10.77.1.5")).toBe("v2"));
  });

  it("finds a change by looking when no event tells of it", async () => {
    // The watched directory holds a link only; what changes is elsewhere.
    await mkdir(join(directory, "watched"));
    const real = await written("10.77.1.0/24 rack1\n");
    await symlink(real, join(directory, "watched", "topology.txt"));
    await start(join(directory, "watched", "topology.txt"), { pollMs: 50 });
    await writeFile(real, "10.77.1.0/24 rack2\n");
    await vi.waitFor(() => expect(rackOf("10.77.1.5")).toBe("rack2"));
  });

  it("reads a file that is written piece by piece once, when it has come to rest", async () => {
    const file = await written("10.77.1.0/24 rack1\n");
    await start(file, { settleMs: 150 });
    for (let line = 0; line < 10; line++) {
      await writeFile(file, `10.78.${line}.0/24 rack${line}\n`, { flag: "a" });
      await new Promise((done) => setTimeout(done, 20));
    }
    await vi.waitFor(() => expect(results).toHaveLength(1));
    expect(resolver?.prefixCount).toBe(11);
  });

  it("keeps what it had when the new file is bad, says why, and takes the next good one", async () => {
    const file = await written("10.77.1.0/24 rack1\n");
    await start(file);
    await writeFile(file, "10.77.1.0/24 rack2\n10.77.2.0/240 rack3\nrubbish\n");
    await vi.waitFor(() => expect(results).toHaveLength(1));
    const [bad] = results;
    expect(bad?.kind === "refused" && bad.error.message).toContain(`${file}:2: "10.77.2.0/240"`);
    expect(bad?.kind === "refused" && bad.error.faults).toHaveLength(2);
    expect(rackOf("10.77.1.5")).toBe("rack1");
    await writeFile(file, "10.77.1.0/24 rack2\n");
    await vi.waitFor(() => expect(rackOf("10.77.1.5")).toBe("rack2"));
  });

  it.each([
    ["emptied", async (file: string) => writeFile(file, ""), "TOPOLOGY_FILE_FAULTY"],
    ["deleted", async (file: string) => unlink(file), "TOPOLOGY_FILE_UNREADABLE"],
  ])("keeps what it had when the file is %s, and says so once", async (_what, spoil, code) => {
    const file = await written("10.77.1.0/24 rack1\n");
    await start(file, { pollMs: 40 });
    await spoil(file);
    await vi.waitFor(() => expect(results).toHaveLength(1));
    await new Promise((done) => setTimeout(done, 200));
    expect(results).toMatchObject([{ kind: "refused", error: { code } }]);
    expect(rackOf("10.77.1.5")).toBe("rack1");
  });

  it("reads again when told to", async () => {
    const file = await written("10.77.1.0/24 rack1\n");
    const started = await start(file, { settleMs: NO_POLLING_MS });
    await writeFile(file, "10.77.1.0/24 rack2\n");
    await started.reload();
    expect(results).toEqual([{ kind: "loaded", file, prefixCount: 1 }]);
    expect(rackOf("10.77.1.5")).toBe("rack2");
  });

  it("reads no more once it is closed", async () => {
    const file = await written("10.77.1.0/24 rack1\n");
    const started = await start(file, { pollMs: 20 });
    await started.close();
    await writeFile(file, "10.77.1.0/24 rack2\n");
    await new Promise((done) => setTimeout(done, 200));
    expect(results).toEqual([]);
  });

  it("refuses to start without a readable file, and says what to check", async () => {
    const missing = join(directory, "nowhere.txt");
    await expect(start(missing)).rejects.toMatchObject({
      code: "TOPOLOGY_FILE_UNREADABLE",
      message: expect.stringMatching(/nowhere\.txt.*ENOENT.*; check that the file exists/),
    });
    await expect(start(directory)).rejects.toThrow("it is not a regular file");
    const file = join(directory, "latin1.txt");
    await writeFile(file, Buffer.from([0x31, 0xff, 0xfe]));
    await expect(start(file)).rejects.toMatchObject({ code: "TOPOLOGY_FILE_UNREADABLE" });
  });
});
