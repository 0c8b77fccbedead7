import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runHashingThread } from "./hashing-thread.ts";
import { hashPayload } from "./payload-hashing.ts";
import { scanPayload } from "./payload.ts";

const MIB = 1024 * 1024;
const [IN_THREADS, INLINE] = [0, Number.POSITIVE_INFINITY];

const alive = new Set<Worker>();
let started = 0;
function watch(worker: Worker): void {
  started++;
  alive.add(worker);
  worker.once("exit", () => alive.delete(worker));
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rackcast-hashing-"));
  started = 0;
  process.on("worker", watch);
});
afterEach(() => {
  process.off("worker", watch);
  rmSync(folder, { recursive: true, force: true });
});

/** A file of zeros that takes no room. */
async function zeros(lengthBytes: number) {
  const file = join(folder, "zeros");
  writeFileSync(file, "");
  truncateSync(file, lengthBytes);
  return { file, payload: await scanPayload(file) };
}

describe.each([
  ["in threads", IN_THREADS, 2],
  ["inline", INLINE, 0],
])("hashing a payload %s", (_, inlineBytes, threads) => {
  it("tells of progress that never goes back and ends with the whole", async () => {
    const { payload } = await zeros(40 * MIB + 1);
    const told: number[] = [];
    const onProgress = (hashedBytes: number) => told.push(hashedBytes);
    await hashPayload({ payload, pieceLengthBytes: MIB, inlineBytes, onProgress });
    expect(told.length).toBeGreaterThan(4);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.at(-1)).toBe(payload.lengthBytes);
    expect([started, alive.size]).toEqual([threads, 0]);
  });

  it("stops at once when cancelled, with the reason, and leaves no thread alive", async () => {
    const { payload } = await zeros(1024 * 1024 * MIB);
    const cancelling = new AbortController();
    const reason = new Error("enough");
    const onProgress = () => cancelling.abort(reason);
    const { signal } = cancelling;
    const hashing = hashPayload({ payload, pieceLengthBytes: 16 * MIB, inlineBytes, signal, onProgress });
    await expect(hashing).rejects.toBe(reason);
    await expect(hashPayload({ payload, pieceLengthBytes: MIB, inlineBytes, signal })).rejects.toBe(reason);
    expect([started, alive.size]).toEqual([threads, 0]);
  });

  it.each([
    ["grew", "PAYLOAD_CHANGED", (file: string) => truncateSync(file, 2 * MIB)],
    ["shrank", "PAYLOAD_CHANGED", (file: string) => truncateSync(file, 1)],
    ["was removed", "PATH_MISSING", (file: string) => rmSync(file)],
  ])("names a file that %s, and leaves no thread alive", async (_how, code, change) => {
    const { file, payload } = await zeros(MIB);
    change(file);
    const hashing = hashPayload({ payload, pieceLengthBytes: MIB, inlineBytes });
    await expect(hashing).rejects.toMatchObject({ code, message: expect.stringContaining(file) });
    expect(alive.size).toBe(0);
  });
});

describe("hashing", () => {
  it("starts threads for what is large or many files, and none for what is small", async () => {
    const { payload: large } = await zeros(100 * MIB);
    await hashPayload({ payload: large, pieceLengthBytes: MIB });
    expect(started).toBe(2);
    writeFileSync(join(folder, "small"), "x");
    const small = await scanPayload(join(folder, "small"));
    await hashPayload({ payload: small, pieceLengthBytes: MIB });
    expect(started).toBe(2);
    const many = { ...small, files: Array.from({ length: 2_000 }, () => small.files[0]!) };
    await hashPayload({ payload: many, pieceLengthBytes: MIB });
    expect(started).toBe(4);
  });

  it("gives the same digests in threads as inline", async () => {
    const content = randomBytes(3 * MIB + 7);
    writeFileSync(join(folder, "a"), content);
    const payload = await scanPayload(join(folder, "a"));
    const [threads, inline] = [
      await hashPayload({ payload, pieceLengthBytes: MIB, inlineBytes: IN_THREADS }),
      await hashPayload({ payload, pieceLengthBytes: MIB, inlineBytes: INLINE }),
    ];
    expect(threads.pieces.length).toBe(4 * 20);
    expect(Buffer.from(threads.pieces)).toEqual(Buffer.from(inline.pieces));
    expect(Buffer.from(threads.files[0]!)).toEqual(createHash("sha256").update(content).digest());
  });

  it.each([
    ["process.exit(3)", /ended with code 3/],
    ["throw new Error('boom')", /boom/],
    ["", /ended with code 0/],
  ])("names a thread that dies: %s", async (program, how) => {
    const job = { of: "pieces", files: [], pieceLengthBytes: MIB } as const;
    const thread = { job, signal: new AbortController().signal, onProgress: () => undefined };
    const running = runHashingThread(thread, new URL(`data:text/javascript,${program}`));
    await expect(running).rejects.toMatchObject({ code: "HASHING_FAILED", message: expect.stringMatching(how) });
    expect(alive.size).toBe(0);
  });
});
