import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Encodable, encodeBencode } from "./bencode.ts";
import { WireError } from "./errors.ts";
import { parseTorrentFile } from "./torrent-file.ts";
import { withAnnounceKey } from "./torrent-trackers.ts";

const KEY = "0123456789abcdef0123456789abcdef";
const INFO = { name: "app", length: 9, "piece length": 16_384, pieces: Buffer.alloc(20, 1), private: 1 };
const SIGNATURE = Buffer.alloc(64, 3);

function torrent(fields: Record<string, Encodable>): Buffer {
  return encodeBencode({ info: INFO, "rackcast signature": SIGNATURE, ...fields });
}

describe("withAnnounceKey", () => {
  it.each([
    ["http://t:6969/announce", `http://t:6969/announce/${KEY}`],
    ["https://t/announce?a=/b", `https://t/announce/${KEY}?a=/b`],
    ["udp://[::1]:6969/announce", `udp://[::1]:6969/announce/${KEY}`],
    ["WSS://t/rack/announce", `WSS://t/rack/announce/${KEY}`],
    ["ws://t//announce", `ws://t//announce/${KEY}`],
  ])("ends the path of %s with the key, and leaves all other bytes", (url, keyed) => {
    const before = torrent({ announce: url, "created by": "naïve" });
    const after = withAnnounceKey(before, KEY)!;
    expect(after).toEqual(torrent({ announce: keyed, "created by": "naïve" }));
    expect(parseTorrentFile(after)).toEqual(parseTorrentFile(before));
  });

  it.each([
    "http://t/announcer",
    "http://t/announce/",
    `http://t/announce/${KEY}`,
    "http://t/x?to=/announce",
    "http://announce",
    "http://t#/announce",
    "dht://t/announce",
    "/announce",
    "",
  ])("has nothing to give for %j", (url) => {
    expect(withAnnounceKey(torrent({ announce: url }), KEY)).toBeUndefined();
    expect(withAnnounceKey(torrent({ announce: url, "announce-list": [[url]] }), KEY)).toBeUndefined();
  });

  it("has nothing to give for a torrent without trackers", () => {
    expect(withAnnounceKey(torrent({}), KEY)).toBeUndefined();
    expect(withAnnounceKey(torrent({ announce: 7, "announce-list": [7, ["x", {}]] }), KEY)).toBeUndefined();
  });

  it("goes through all tiers of trackers (BEP 12), each by itself", () => {
    const urls = (...tiers: string[][]) => ({ announce: "http://a/announce", "announce-list": tiers });
    const given = torrent(urls(["http://a/announce", "http://b/x"], [], ["udp://c/announce"]));
    const keyed = urls([`http://a/announce/${KEY}`, "http://b/x"], [], [`udp://c/announce/${KEY}`]);
    expect(withAnnounceKey(given, KEY)).toEqual(torrent({ ...keyed, announce: `http://a/announce/${KEY}` }));
  });

  it("leaves alone what looks like a tracker elsewhere in the file", () => {
    const decoys = {
      comment: "http://a/announce",
      "announce-lisp": "http://a/announce",
      azureus: [["http://a/announce"]],
    };
    const given = torrent({ ...decoys, announce: "http://a/announce" });
    expect(withAnnounceKey(given, KEY)).toEqual(torrent({ ...decoys, announce: `http://a/announce/${KEY}` }));
  });

  it("finds the same trackers whatever else the file holds, and in memory that it shares with others", () => {
    const url = fc.oneof(fc.constant("http://a/announce"), fc.constant("udp://b/x"), fc.string());
    const tiers = fc.array(fc.array(url, { maxLength: 3 }), { maxLength: 3 });
    const rest = fc.dictionary(fc.string({ minLength: 1 }), fc.oneof(fc.string(), fc.nat()), { maxKeys: 3 });
    fc.assert(
      fc.property(url, tiers, rest, (announce, list, more) => {
        const of = (add: (text: string) => string) =>
          torrent({ ...more, announce: add(announce), "announce-list": list.map((tier) => tier.map(add)) });
        const keyed = of((text) => (text === "http://a/announce" ? `${text}/${KEY}` : text));
        const plain = of((text) => text);
        const shared = Buffer.concat([Buffer.from("###"), plain]).subarray(3);
        expect(withAnnounceKey(shared, KEY) ?? plain).toEqual(keyed);
      }),
    );
  });

  it("refuses what is no torrent at all", () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from("le"), Buffer.from("d8:announce")])
      expect(() => withAnnounceKey(bytes, KEY)).toThrow(WireError);
  });
});
