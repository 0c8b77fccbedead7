import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { scanPayload } from "./payload.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rackcast-payload-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function fault(code: string, named: string) {
  return { code, message: expect.stringContaining(named) };
}

describe("what a payload may not be", () => {
  it("a path that is not there", async () => {
    const path = join(folder, "nothing");
    await expect(scanPayload(path)).rejects.toMatchObject(fault("PATH_MISSING", path));
  });

  it("an empty folder, or one of empty folders and files", async () => {
    await expect(scanPayload(folder)).rejects.toMatchObject(fault("PAYLOAD_EMPTY", folder));
    mkdirSync(join(folder, "inner"));
    await expect(scanPayload(folder)).rejects.toMatchObject(fault("PAYLOAD_EMPTY", folder));
    writeFileSync(join(folder, "file"), "");
    await expect(scanPayload(folder)).rejects.toMatchObject(fault("PAYLOAD_EMPTY", "files under"));
  });

  it("a symbolic link out of it, to nothing, or back into a folder around it", async () => {
    const link = join(folder, "link");
    for (const [target, code] of [
      ["/etc/passwd", "PAYLOAD_UNSUPPORTED"],
      ["gone", "PATH_MISSING"],
      [".", "PAYLOAD_UNSUPPORTED"],
      ["link", "PAYLOAD_UNSUPPORTED"],
    ]) {
      symlinkSync(target!, link);
      await expect(scanPayload(folder)).rejects.toMatchObject(fault(code!, link));
      rmSync(link);
    }
  });

  it("a named pipe or a device, which would be read for ever", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    await expect(scanPayload(folder)).rejects.toMatchObject(fault("PAYLOAD_UNSUPPORTED", pipe));
    await expect(scanPayload("/dev/zero")).rejects.toMatchObject(fault("PAYLOAD_UNSUPPORTED", "/dev/zero"));
  });

  it("a file whose name is not UTF-8", async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9])]), "x");
    await expect(scanPayload(folder)).rejects.toMatchObject(fault("PAYLOAD_UNSUPPORTED", "café"));
  });
});

describe("a payload", () => {
  it("may be given through a symbolic link, whose name it has", async () => {
    mkdirSync(join(folder, "release-7"));
    writeFileSync(join(folder, "release-7", "file"), "x");
    symlinkSync("release-7", join(folder, "current"));
    const payload = await scanPayload(join(folder, "current"));
    expect(payload).toMatchObject({ name: "current", root: join(folder, "release-7"), isSingleFile: false });
  });

  it("reports the folders that a torrent cannot carry", async () => {
    mkdirSync(join(folder, "logs"));
    writeFileSync(join(folder, "file"), "x");
    expect((await scanPayload(folder)).emptyFolders).toEqual(["logs"]);
  });
});
