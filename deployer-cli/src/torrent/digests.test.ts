import { appendFileSync, mkdtempSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digestPayload } from "./digests.ts";
import { versionOf } from "./payload.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rackcast-digests-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function digest(path: string, lengthBytes: number, onProgress: () => void = () => undefined): Uint8Array {
  const version = versionOf(statSync(path, { bigint: true }));
  const files = [{ absolutePath: path, lengthBytes, version }];
  return digestPayload({ of: "pieces", files, pieceLengthBytes: 65_536 }, onProgress);
}

describe("digests of a file", () => {
  it.each([
    ["is appended to", (file: string) => appendFileSync(file, "more")],
    ["is cut", (file: string) => truncateSync(file, 700_000)],
    ["is written anew, at the same length", (file: string) => utimesSync(file, 1, 1)],
  ])("are refused when it %s while it is read", (_, change) => {
    const file = join(folder, "file");
    writeFileSync(file, Buffer.alloc(2_000_000));
    expect(() => digest(file, 2_000_000, () => change(file))).toThrow(
      expect.objectContaining({ code: "PAYLOAD_CHANGED", message: expect.stringContaining(file) }),
    );
  });

  it("are refused with its name when the system fails to read it", () => {
    // The first page of a process' memory, which there never is.
    const file = "/proc/self/mem";
    expect(() => digest(file, 1)).toThrow(
      expect.objectContaining({ code: "PATH_UNREADABLE", message: expect.stringMatching(/\/proc\/self\/mem: EIO/) }),
    );
  });
});
