import bencode, { type Encodable } from "bencode";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CommandError } from "../errors.ts";
import { readTorrent } from "./torrent-reading.ts";

const info = { name: "app", length: 3, "piece length": 65536, pieces: new Uint8Array(20), private: 1 };
const sound = Buffer.from(bencode.encode({ announce: "http://t/announce", info }));

function read(changes: Record<string, Encodable>) {
  const { private: flag, ...rest } = { ...info, ...changes };
  return () => readTorrent(bencode.encode({ info: flag === 0 ? rest : { ...rest, private: flag } }), "app.torrent");
}

describe("reading a torrent", () => {
  it("refuses a public one and names the remedy", () => {
    expect(read({ private: 0 })).toThrow(
      expect.objectContaining({
        code: "TORRENT_NOT_PRIVATE",
        message: expect.stringMatching(/app\.torrent.*rackcast build/s),
      }),
    );
  });

  it.each([
    ["a cut file", sound.subarray(0, 60)],
    ["an empty file", sound.subarray(0, 0)],
    ["something after the end", Buffer.concat([sound, Buffer.from("x")])],
    [
      "unsorted keys",
      Buffer.from(sound.toString("latin1").replace("6:lengthi3e4:name3:app", "4:name3:app6:lengthi3e"), "latin1"),
    ],
    ["plain text", Buffer.from("<html>404</html>")],
  ])("refuses %s", (_, bytes) => {
    expect(() => readTorrent(bytes, "app.torrent")).toThrow(expect.objectContaining({ code: "TORRENT_MALFORMED" }));
  });

  it.each([
    ["without a name", { name: "" }],
    ["with a negative length", { length: -1 }],
    ["with pieces missing", { length: 65537 }],
    ["with no content", { length: 0, pieces: new Uint8Array(0) }],
    ["with files that have no path", { files: [{ length: 3 }] }],
  ] satisfies [string, Record<string, Encodable>][])("refuses one %s", (_, changes) => {
    expect(read(changes)).toThrow(expect.objectContaining({ code: "TORRENT_MALFORMED" }));
  });

  it("either reads or refuses with a told error, whatever the bytes", () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    const damaged = fc.tuple(fc.nat({ max: sound.length - 1 }), fc.nat({ max: 255 })).map(([at, byte]) => {
      const copy = Buffer.from(sound);
      copy[at] = byte;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(bytes, damaged), (input) => {
        try {
          return readTorrent(input, "x").infoHash.length === 40;
        } catch (error) {
          return error instanceof CommandError;
        }
      }),
    );
  });
});
