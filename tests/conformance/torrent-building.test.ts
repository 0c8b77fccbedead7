// Holds that what `rackcast build` hashes is what create-torrent hashes, whatever the tree.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import bencode from "bencode";
import createTorrent from "create-torrent";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashPayload } from "../../deployer-cli/src/torrent/payload-hashing.ts";
import { scanPayload } from "../../deployer-cli/src/torrent/payload.ts";

const PIECE_LENGTH_BYTES = 16_384;
const TIMEOUT_MS = 120_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rackcast-oracle-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Lengths around the boundaries of pieces, and none. */
const length = fc.oneof(
  fc.constantFrom(0, 1, PIECE_LENGTH_BYTES - 1, PIECE_LENGTH_BYTES, PIECE_LENGTH_BYTES + 1, 3 * PIECE_LENGTH_BYTES),
  fc.nat({ max: 5 * PIECE_LENGTH_BYTES }),
);
const tree = fc
  .array(fc.tuple(fc.constantFrom("", "d/", "d/e/", ".hidden/"), length, fc.nat({ max: 255 })), {
    minLength: 1,
    maxLength: 12,
  })
  .filter((files) => files.some(([, lengthBytes]) => lengthBytes > 0));

describe.each([
  ["inline", Number.POSITIVE_INFINITY, 100],
  ["in threads", 0, 8],
])("pieces hashed %s", (way, inlineBytes, numRuns) => {
  it("are those of create-torrent over the same files in the same order", { timeout: TIMEOUT_MS }, async () => {
    let run = 0;
    const property = fc.asyncProperty(tree, async (files) => {
      const root = join(folder, `${way} ${run++}`);
      const contents = new Map(
        files.map(([place, lengthBytes, fill], at) => [`${place}file${at}`, Buffer.alloc(lengthBytes, fill)]),
      );
      for (const [path, content] of contents) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), content);
      }
      const payload = await scanPayload(root);
      const inOrder = payload.files.map(({ segments }) => contents.get(segments.join("/"))!);
      expect(inOrder.length).toBe(contents.size);

      const { pieces } = await hashPayload({ payload, pieceLengthBytes: PIECE_LENGTH_BYTES, inlineBytes });
      expect(Buffer.from(pieces)).toEqual(await piecesByCreateTorrent(inOrder));
    });
    await fc.assert(property, { numRuns });
  });
});

async function piecesByCreateTorrent(contents: readonly Buffer[]): Promise<Buffer> {
  const options = { name: "payload", pieceLength: PIECE_LENGTH_BYTES, announceList: [], filterJunkFiles: false };
  const input = Object.assign(Readable.from([Buffer.concat(contents)]), { name: options.name });
  const torrent = await new Promise<Uint8Array>((resolve, reject) =>
    createTorrent(input, options, (error, bytes) => (error ? reject(error) : resolve(bytes))),
  );
  const { info } = bencode.decode(torrent) as { info: { pieces: Uint8Array } };
  return Buffer.from(info.pieces);
}
