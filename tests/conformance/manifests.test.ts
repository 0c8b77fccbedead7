// The command signs what the tracker hands to hosts: both print the same manifest of the same torrent.
import { randomBytes } from "node:crypto";
import bencode from "bencode";
import fc from "fast-check";
import { expect, it } from "vitest";
import { printManifest } from "../../deployer-cli/src/torrent/manifest.ts";
import { readTorrent } from "../../deployer-cli/src/torrent/torrent-reading.ts";
import { printManifest as printForHosts } from "../../tracker/src/wire/manifest.ts";
import { parseTorrentFile } from "../../tracker/src/wire/torrent-file.ts";

const letters = fc.constantFrom("a", "b", "\\", "\n", "\r", " ", "ü", "'", "#");
const segment = fc.string({ unit: letters, minLength: 1, maxLength: 6 });
const paths = fc.uniqueArray(segment, { minLength: 1, maxLength: 5, selector: (name) => name.toLowerCase() });

function torrentOf(content: Record<string, unknown>): Uint8Array {
  const info = { name: "web-1.2", "piece length": 65_536, pieces: new Uint8Array(20), private: 1, ...content };
  return bencode.encode({ announce: "http://t/announce", info } as never);
}

function expectSame(bytes: Uint8Array): void {
  expect(printManifest(readTorrent(bytes, "web"))).toBe(printForHosts(parseTorrentFile(bytes)));
}

it("is the same of a folder, whatever its files are called", () => {
  fc.assert(
    fc.property(paths, (names) => {
      const files = names.map((name) => ({ length: 1, path: ["sub", name], sha256: randomBytes(32) }));
      expectSame(torrentOf({ files }));
    }),
  );
});

it("is the same of a single file", () => {
  expectSame(torrentOf({ length: 3, sha256: randomBytes(32) }));
});
