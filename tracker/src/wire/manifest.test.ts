import { describe, expect, it } from "vitest";
import { encodeBencode, type Encodable } from "./bencode.ts";
import { printManifest } from "./manifest.ts";
import { parseTorrentFile } from "./torrent-file.ts";

const [ONE, TWO] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const PIECES = { "piece length": 16384, pieces: Buffer.alloc(20, 1), private: 1 };

function manifestOf(info: { readonly [key: string]: Encodable }): { infoHash: string; manifest: string | undefined } {
  const torrent = parseTorrentFile(encodeBencode({ info: { ...info, ...PIECES } }));
  return { infoHash: torrent.infoHash, manifest: printManifest(torrent) };
}

describe("a manifest", () => {
  it("has a line a file in the torrent's order, after one that names the release", () => {
    const files = [
      { path: ["z"], length: 1, sha256: ONE },
      { path: ["bin", "a b"], length: 2, sha256: TWO },
    ];
    const { infoHash, manifest } = manifestOf({ name: "app-1", files });
    const lines = [`# rackcast manifest 1 ${infoHash} app-1`, `${"01".repeat(32)}  app-1/z`];
    expect(manifest).toBe(`${[...lines, `${"02".repeat(32)}  app-1/bin/a b`].join("\n")}\n`);
  });

  it("tells a file from a folder that holds one file of the same name", () => {
    const files = [{ path: ["app"], length: 1, sha256: ONE }];
    expect(manifestOf({ name: "app", files }).manifest).toMatch(/ {2}app\/app\n$/);
    expect(manifestOf({ name: "app", length: 1, sha256: ONE }).manifest).toMatch(/ {2}app\n$/);
  });

  it("escapes names as sha256sum does, and keeps each on a line of its own", () => {
    const files = [{ path: ["a\nb\\c\rd"], length: 1, sha256: ONE }];
    const { infoHash, manifest } = manifestOf({ name: "app\n", files });
    const line = String.raw`\ ${"01".repeat(32)}  app\n/a\nb\\c\rd`.replace(" ", "");
    expect(manifest).toBe(`# rackcast manifest 1 ${infoHash} app\\n\n${line}\n`);
  });

  it("is not there unless the torrent has the SHA-256 of every file", () => {
    const files = [
      { path: ["a"], length: 1, sha256: ONE },
      { path: ["b"], length: 1 },
    ];
    expect(manifestOf({ name: "app", files }).manifest).toBeUndefined();
  });
});
