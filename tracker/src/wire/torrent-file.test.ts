import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Encodable, encodeBencode } from "./bencode.ts";
import { WireError } from "./errors.ts";
import { parseTorrentFile } from "./torrent-file.ts";

type Info = { [key: string]: Encodable };

const PIECE = 16384;
const digest = Buffer.alloc(32, 7);
const pieces = (lengthBytes: number) => Buffer.alloc(Math.ceil(lengthBytes / PIECE) * 20, 1);
const torrent = (info: Encodable) => encodeBencode({ announce: "http://127.0.0.1/announce", info });
const single = (change: Info = {}): Info => {
  return { name: "app.tar", length: 40_000, "piece length": PIECE, pieces: pieces(40_000), private: 1, ...change };
};
const several = (files: Encodable, change: Info = {}): Info => {
  return { name: "app", files, "piece length": PIECE, pieces: pieces(40_000), private: 1, ...change };
};
const file = (path: Encodable, length: Encodable = 40_000): Info => ({ path, length });

function refusal(info: Encodable): WireError {
  return refusalOfBytes(torrent(info));
}

function refusalOfBytes(bytes: Uint8Array): WireError {
  try {
    parseTorrentFile(bytes);
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
  throw new Error("was accepted");
}

describe("parseTorrentFile", () => {
  it("reads a single-file torrent with its SHA-256", () => {
    const info = single({ sha256: digest });
    expect(parseTorrentFile(torrent(info))).toEqual({
      infoHash: createHash("sha1").update(encodeBencode(info)).digest("hex"),
      name: "app.tar",
      lengthBytes: 40_000,
      pieceLengthBytes: PIECE,
      fileCount: 1,
      files: [{ path: "app.tar", lengthBytes: 40_000, sha256: "07".repeat(32) }],
      isFolder: false,
      private: true,
    });
  });

  it("reads a torrent of several files, in order, with the SHA-256 of those that carry one", () => {
    const files = [{ ...file(["bin", "tool"], 39_999), sha256: digest }, file(["a"], 1), file(["empty"], 0)];
    expect(parseTorrentFile(torrent(several(files)))).toMatchObject({
      name: "app",
      lengthBytes: 40_000,
      fileCount: 3,
      files: [
        { path: "bin/tool", lengthBytes: 39_999, sha256: "07".repeat(32) },
        { path: "a", lengthBytes: 1, sha256: undefined },
        { path: "empty", lengthBytes: 0, sha256: undefined },
      ],
    });
  });

  it("hashes the info dictionary with the keys it does not know", () => {
    const info = single({ source: "ci", "x-build": 12 });
    expect(parseTorrentFile(torrent(info)).infoHash).toBe(createHash("sha1").update(encodeBencode(info)).digest("hex"));
  });

  it("refuses a public torrent with a code of its own", () => {
    const { private: _, ...open } = single();
    expect(refusal(open)).toMatchObject({
      code: "TORRENT_NOT_PRIVATE",
      message: expect.stringContaining("info.private"),
    });
    expect(refusal(single({ private: 0 })).code).toBe("TORRENT_NOT_PRIVATE");
  });

  it("refuses a corrupt file and says where", () => {
    const error = refusalOfBytes(torrent(single()).subarray(0, 100));
    expect(error).toMatchObject({
      code: "TORRENT_INVALID",
      message: expect.stringMatching(/corrupt.*at byte \d+.*rackcast build/),
    });
  });

  it.each<[string, Encodable, string]>([
    ["no info", 1, "info is missing"],
    ["no name", single({ name: 1 }), "info.name is missing"],
    ["an empty name", single({ name: "" }), "info.name is empty"],
    ["a name that climbs", single({ name: ".." }), 'info.name is ".."'],
    ["a name that is a path", single({ name: "a/b" }), "leads out"],
    ["a name that is not UTF-8", single({ name: Buffer.from([0xff]) }), "not UTF-8"],
    ["another name.utf-8", single({ "name.utf-8": ".." }), "info.name.utf-8 differs"],
    ["another path.utf-8", several([{ ...file(["a"]), "path.utf-8": [".."] }]), "info.files[0].path.utf-8 differs"],
    ["no length", several([{ path: ["a"] }]), "info.files[0].length is missing"],
    ["a negative length", single({ length: -1 }), "info.length is negative"],
    ["a length above 2^53", single({ length: 2n ** 53n }), "info.length is above 2^53"],
    ["lengths that add up to more", several([file(["a"], 2 ** 53 - 1), file(["b"], 1)]), "together above 2^53"],
    ["a fraction of a piece length", single({ "piece length": 0 }), "info.piece length is 0"],
    ["a piece length that rtorrent refuses", single({ "piece length": 1024 }), "rtorrent takes 1025"],
    ["no pieces", single({ pieces: "" }), "info.pieces is missing"],
    ["too few pieces", single({ pieces: Buffer.alloc(40) }), "has 40 bytes where 40000 bytes of payload need 60"],
    ["no content", single({ length: 0 }), "no content"],
    ["no files", several([]), "info.files must be"],
    ["files and length", several([file(["a"])], { length: 1 }), "info.length must not"],
    ["a file that is none", several([1]), "info.files[0] must be a dictionary"],
    ["a path that climbs", several([file(["a", "..", "b"])]), 'info.files[0].path is ".."'],
    ["an absolute path", several([file(["/etc/passwd"])]), "leads out"],
    ["an empty segment", several([file(["", "etc"])]), "info.files[0].path is empty"],
    ["an empty path", several([file([])]), "info.files[0].path must be"],
    ["a path twice", several([file(["a"], 20_000), file(["a"], 20_000)]), 'holds "a" twice'],
    ["a file in a file", several([file(["a", "b"], 20_000), file(["a"], 20_000)]), "as a file and as a folder"],
    ["a short sha256", single({ sha256: "abc" }), "info.sha256 must be a string of 32 bytes"],
  ])("refuses %s and names the field and the remedy", (_, info, why) => {
    const error = refusal(info);
    expect(error.code).toBe("TORRENT_INVALID");
    expect(error.message).toContain(why);
    expect(error.message).toMatch(/build it|[Bb]uild the torrent|Build it/);
  });

  it("keeps the signature that stands beside the info dictionary, which is not part of the info-hash", () => {
    const signature = Buffer.alloc(64, 9);
    const signed = parseTorrentFile(encodeBencode({ info: single(), "rackcast signature": signature }));
    expect(signed).toEqual({ ...parseTorrentFile(torrent(single())), signature });
  });

  it.each([Buffer.alloc(63), Buffer.alloc(65), 64, ["x"]])("refuses %j as a signature, naming the field", (value) => {
    const error = refusalOfBytes(encodeBencode({ info: single(), "rackcast signature": value }));
    expect(error.code).toBe("TORRENT_INVALID");
    expect(error.message).toMatch(/rackcast signature must be a string of 64 bytes; build/);
  });

  it("throws nothing but WireError when bytes are changed anywhere", () => {
    const whole = torrent(several([file(["bin", "tool"], 39_000), { ...file(["a"], 1000), sha256: digest }]));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Buffer.from(whole);
        bytes[at] = byte;
        try {
          parseTorrentFile(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
