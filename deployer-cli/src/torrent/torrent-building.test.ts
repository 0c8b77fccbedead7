import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import bencode from "bencode";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildTorrent } from "./torrent-building.ts";

const announceUrl = "http://tracker.example:6969/announce";
const KIB = 1024;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rackcast-build-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(root: string, files: Readonly<Record<string, Uint8Array | string>>): string {
  const top = join(folder, root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(top, path)), { recursive: true });
    writeFileSync(join(top, path), content);
  }
  return top;
}

function sha(algorithm: string, content: Uint8Array | string): Buffer {
  return createHash(algorithm).update(content).digest();
}

function infoOf(bytes: Uint8Array): Record<string, unknown> {
  return (bencode.decode(bytes) as { info: Record<string, unknown> }).info;
}

describe("building a torrent", () => {
  it("gives the same bytes for the same tree, wherever it is, whenever and in whichever order it was written", async () => {
    const files = { "b/2": "two", "b/1": "one", "a.txt": "first", "b.txt": "between", Z: "upper", é: "two bytes" };
    const one = write("here/app", files);
    const other = write("there/app", Object.fromEntries(Object.entries(files).reverse()));
    for (const path of Object.keys(files)) utimesSync(join(other, path), 1, 1);

    const [first, second] = [
      await buildTorrent({ path: one, announceUrl }),
      await buildTorrent({ path: other, announceUrl }),
    ];

    expect(Buffer.from(second.bytes)).toEqual(Buffer.from(first.bytes));
    expect(first.torrent.files.map(({ path }) => path)).toEqual(["Z", "a.txt", "b.txt", "b/1", "b/2", "é"]);
    expect(Object.keys(bencode.decode(first.bytes) as object)).toEqual(["announce", "info"]);
  });

  it("parses back to the files, their sizes and SHA-256, and to pieces that are those of their bytes", async () => {
    const segment = fc.stringMatching(/^[a-z][a-z0-9 ._-]{0,7}$/);
    const tree = fc.dictionary(segment, fc.uint8Array({ maxLength: 40 * KIB, size: "max" }), {
      minKeys: 1,
      maxKeys: 6,
      noNullPrototype: true,
    });
    let run = 0;
    const property = fc.asyncProperty(tree, fc.nat({ max: 3 }), async (files, depth) => {
      fc.pre(Object.values(files).some(({ length }) => length > 0));
      const nested = Object.fromEntries(
        Object.entries(files).map(([name, bytes], at) => [at % 2 ? name : `${"d/".repeat(depth)}${name}`, bytes]),
      );
      fc.pre(!("d" in nested));
      const path = write(`run${run++}`, nested);
      const { torrent, bytes } = await buildTorrent({ path, announceUrl, pieceLengthBytes: 16 * KIB });

      const sorted = Object.entries(nested).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(torrent.files).toEqual(
        sorted.map(([name, content]) => ({
          path: name,
          lengthBytes: content.length,
          sha256: sha("sha256", content).toString("hex"),
        })),
      );
      const all = Buffer.concat(sorted.map(([, content]) => content));
      const pieces = Array.from({ length: torrent.pieceCount }, (_, at) =>
        sha("sha1", all.subarray(at * 16 * KIB, (at + 1) * 16 * KIB)),
      );
      expect(Buffer.from(infoOf(bytes)["pieces"] as Uint8Array)).toEqual(Buffer.concat(pieces));
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it("agrees with mktorrent on the pieces of a single file, and carries its SHA-256 beside its length", async () => {
    const content = randomBytes(3 * 1024 * KIB + 17);
    const path = join(write("single", { "app.tar": content }), "app.tar");
    const theirs = join(folder, "theirs.torrent");
    execFileSync("mktorrent", ["-p", "-l", "18", "-a", announceUrl, "-o", theirs, path]);

    const { bytes, torrent } = await buildTorrent({ path, announceUrl, pieceLengthBytes: 256 * KIB });

    const [ours, reference] = [infoOf(bytes), infoOf(readFileSync(theirs))];
    expect(ours["pieces"]).toEqual(reference["pieces"]);
    expect(Object.keys(ours).sort()).toEqual(["length", "name", "piece length", "pieces", "private", "sha256"]);
    expect(Buffer.from(ours["sha256"] as Uint8Array)).toEqual(sha("sha256", content));
    expect(torrent).toMatchObject({ name: "app.tar", isSingleFile: true, lengthBytes: content.length });
    expect(torrent.infoHash).toBe(
      createHash("sha1")
        .update(bencode.encode(ours as never))
        .digest("hex"),
    );
  });

  it("keeps a folder of one file a folder, and empty files in it", async () => {
    const { torrent } = await buildTorrent({ path: write("app", { only: "x", empty: "" }), announceUrl });
    expect(torrent.isSingleFile).toBe(false);
    expect(torrent.files.map(({ path, lengthBytes }) => [path, lengthBytes])).toEqual([
      ["empty", 0],
      ["only", 1],
    ]);
  });

  it("takes another name when given one, and refuses one that is a path", async () => {
    const path = write("app", { file: "x" });
    expect((await buildTorrent({ path, announceUrl, name: "app-1.2" })).torrent.name).toBe("app-1.2");
    await expect(buildTorrent({ path, announceUrl, name: "../app" })).rejects.toMatchObject({ code: "USAGE" });
  });

  it("refuses a file that is written to while it is read, and names it", async () => {
    const path = write("app", { growing: randomBytes(4 * 1024 * KIB) });
    const growing = join(path, "growing");
    const onProgress = () => appendFileSync(growing, "more");
    const building = buildTorrent({ path, announceUrl, onProgress });
    await expect(building).rejects.toMatchObject({
      code: "PAYLOAD_CHANGED",
      message: expect.stringContaining(growing),
    });
  });

  it("refuses a tree that gains a file after its folder was read", async () => {
    const path = write("app", { big: randomBytes(1024 * KIB) });
    const onProgress = () => writeFileSync(join(path, "late"), "late");
    const building = buildTorrent({ path, announceUrl, onProgress });
    await expect(building).rejects.toMatchObject({ code: "PAYLOAD_CHANGED", message: expect.stringContaining("late") });
  });

  it("stops at once when cancelled, with the reason of the one who cancelled", async () => {
    const path = write("app", { big: randomBytes(4 * 1024 * KIB) });
    const cancelling = new AbortController();
    const reason = new Error("enough");
    const onProgress = () => cancelling.abort(reason);
    await expect(buildTorrent({ path, announceUrl, onProgress, signal: cancelling.signal })).rejects.toBe(reason);
  });

  it("puts the content behind an inner symbolic link under the link's name, and says which", async () => {
    const path = write("app", { "v1/bin": "binary" });
    symlinkSync("v1", join(path, "current"));
    const { torrent, payload } = await buildTorrent({ path, announceUrl });
    expect(torrent.files.map((file) => file.path)).toEqual(["current/bin", "v1/bin"]);
    expect(payload.followedLinks).toEqual(["current"]);
  });
});
