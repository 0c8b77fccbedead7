import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAnnounceQuery } from "./announce-query.ts";
import { WireError } from "./errors.ts";

const percent = (bytes: Uint8Array) => Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
const id = fc.uint8Array({ minLength: 20, maxLength: 20 });
const hashOfSpaces = "20".repeat(20);

const FIELDS: Readonly<Record<string, string>> = {
  info_hash: "%20".repeat(20),
  peer_id: "-lt0D80-abcdefghijkl",
  port: "6881",
  left: "100",
  uploaded: "1",
  downloaded: "2",
};
/** A good query with some parameters changed; undefined leaves one out. */
function query(change: Record<string, string | undefined> = {}): string {
  return Object.entries({ ...FIELDS, ...change })
    .flatMap(([name, value]) => (value === undefined ? [] : `${name}=${value}`))
    .join("&");
}
const parsed = (change: Record<string, string>) => parseAnnounceQuery(query(change));

describe("parseAnnounceQuery", () => {
  it("reads what rtorrent sends", () => {
    const sent =
      "info_hash=%00%01%02%7Eabc%FF%20%2B%26%3D%25%3f45678Z&peer_id=-lt0D80-%81%d8%e2%10%00x%25%26%3D%2B%20%0A" +
      "&key=5fa3b2c1&compact=1&port=6922&uploaded=0&downloaded=0&left=67108864&event=started";
    expect(parseAnnounceQuery(sent)).toEqual({
      infoHash: "0001027e616263ff202b263d253f34353637385a",
      peerId: "-lt0D80-\x81\xd8\xe2\x10\0x%&=+ \n",
      key: "5fa3b2c1",
      port: 6922,
      event: "started",
      left: 67108864,
      uploaded: 0,
      downloaded: 0,
      numwant: undefined,
      compact: true,
      noPeerId: false,
      claims: undefined,
    });
  });

  it("reads any 20 bytes as info_hash and peer_id, encoded or not", () => {
    const unreserved = /[0-9A-Za-z._~-]/;
    const sparse = (bytes: Uint8Array) =>
      Array.from(bytes, (byte) => {
        const character = String.fromCharCode(byte);
        return unreserved.test(character) ? character : percent(Uint8Array.of(byte)).toUpperCase();
      }).join("");
    fc.assert(
      fc.property(id, id, fc.constantFrom(percent, sparse), (infoHash, peerId, encode) => {
        const fields = parsed({ info_hash: encode(infoHash), peer_id: encode(peerId) });
        expect(fields.infoHash).toBe(Buffer.from(infoHash).toString("hex"));
        expect(fields.peerId).toBe(Buffer.from(peerId).toString("latin1"));
      }),
    );
  });

  it("reads every number that is exact", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), fc.maxSafeNat(), (left, uploaded, downloaded) => {
        const numbers = { left: `${left}`, uploaded: `${uploaded}`, downloaded: `${downloaded}` };
        expect(parsed(numbers)).toMatchObject({ left, uploaded, downloaded });
      }),
    );
  });

  it("takes the order of parameters, unknown and empty ones as they come", () => {
    const backwards = query().split("&").toReversed().join("&");
    const strange = `&&corrupt=0&supportcrypto=1&${backwards}&redundant&=&x=1&x=2&`;
    expect(parseAnnounceQuery(strange)).toEqual(parseAnnounceQuery(query()));
  });

  it("leaves numwant to the tracker when it is negative or empty, and cuts what is beyond any handout", () => {
    expect(parsed({ numwant: "-1" }).numwant).toBeUndefined();
    expect(parsed({ numwant: "" }).numwant).toBeUndefined();
    expect(parsed({ numwant: "0" }).numwant).toBe(0);
    expect(parsed({ numwant: "30" }).numwant).toBe(30);
    expect(parsed({ numwant: "999999999" }).numwant).toBe(10_000);
  });

  it("reads flags, key and the claimed address", () => {
    expect(parsed({ compact: "0", no_peer_id: "1" })).toMatchObject({ compact: false, noPeerId: true });
    expect(parsed({ key: "%41b" }).key).toBe("Ab");
    const none = { ip: undefined, ipv4: undefined, ipv6: undefined };
    expect(parsed({ ip: "10.0.0.9" }).claims).toEqual({ ...none, ip: "10.0.0.9" });
    expect(parsed({ ipv4: "1.2.3.4", ipv6: "fd00%3A%3A1" }).claims).toEqual({
      ...none,
      ipv4: "1.2.3.4",
      ipv6: "fd00::1",
    });
  });

  it.each(["none", "empty", "started", "completed", "stopped", "paused"] as const)("knows the event %s", (event) => {
    expect(parsed({ event: event === "none" ? "" : event }).event).toBe(event === "empty" ? "none" : event);
  });

  it.each<[string, Record<string, string | undefined>, RegExp]>([
    ["no info_hash", { info_hash: undefined }, /^info_hash is missing; expected 20 bytes/],
    ["a short info_hash", { info_hash: "abc" }, /^info_hash has 3 bytes; expected 20/],
    ["an info_hash in hex", { info_hash: hashOfSpaces }, /^info_hash has 40 bytes/],
    ["bad percent-encoding", { info_hash: `%zz${"a".repeat(19)}` }, /^info_hash is not percent-encoded/],
    ["cut percent-encoding", { info_hash: `${"a".repeat(19)}%4` }, /^info_hash is not percent-encoded/],
    ["characters beyond bytes", { info_hash: "\u0142".repeat(20) }, /^info_hash is not percent-encoded/],
    ["no peer_id", { peer_id: undefined }, /^peer_id is missing/],
    ["a long peer_id", { peer_id: "a".repeat(21) }, /^peer_id has 21 bytes; expected 20/],
    ["no port", { port: undefined }, /^port is missing; expected 1 to 65535/],
    ["port 0", { port: "0" }, /^port is no port; expected 1 to 65535/],
    ["port 65536", { port: "65536" }, /^port is no port/],
    ["a port of letters", { port: "http" }, /^port is no port/],
    ["an empty port", { port: "" }, /^port is no port/],
    ["no left", { left: undefined }, /^left is missing/],
    ["negative left", { left: "-1" }, /^left is no number of bytes/],
    ["left above 2^53", { left: "9007199254740992" }, /^left is no number of bytes/],
    ["a fraction of left", { left: "1.5" }, /^left is no number of bytes/],
    ["no uploaded", { uploaded: undefined }, /^uploaded is missing/],
    ["hexadecimal uploaded", { uploaded: "0x10" }, /^uploaded is no number of bytes/],
    ["no downloaded", { downloaded: undefined }, /^downloaded is missing/],
    ["endless downloaded", { downloaded: "1".repeat(400) }, /^downloaded is no number of bytes/],
    ["an unknown event", { event: "exploded" }, /^event is unknown; expected started/],
    ["numwant of letters", { numwant: "many" }, /^numwant is no integer/],
    ["compact=2", { compact: "2" }, /^compact is no flag; expected 0 or 1/],
    ["no_peer_id=yes", { no_peer_id: "yes" }, /^no_peer_id is no flag/],
    ["an endless key", { key: "k".repeat(65) }, /^key is too long; send at most 64/],
    ["too long a query", { padding: "x".repeat(8192) }, /^the query has 8\d\d\d bytes; send at most 8192/],
  ])("refuses %s and says what is expected", (_, change, message) => {
    expect(() => parseAnnounceQuery(query(change))).toThrow(
      expect.objectContaining({ code: "QUERY_INVALID", message: expect.stringMatching(message) }),
    );
  });

  it.each([...Object.keys(FIELDS), "event", "numwant", "compact", "no_peer_id", "key", "ip", "ipv4", "ipv6"])(
    "refuses %s when it stands twice",
    (name) => {
      const good: Record<string, string> = { ...FIELDS, event: "stopped", compact: "1", no_peer_id: "1" };
      const value = good[name] ?? "1";
      const twice = `${query({ [name]: value })}&${name}=${value}`;
      expect(() => parseAnnounceQuery(twice)).toThrow(new RegExp(`^${name} stands twice`));
    },
  );

  it("throws nothing but WireError, whatever it is fed", () => {
    const name = fc.constantFrom(
      "info_hash",
      "peer_id",
      "port",
      "left",
      "numwant",
      "event",
      "key",
      "ip",
      "compact",
      "",
    );
    const value = fc.oneof(fc.string(), fc.string({ unit: "binary" }), id.map(percent), fc.integer().map(String));
    const pairs = fc.array(fc.tuple(name, value).map(([key, text]) => `${key}=${text}`)).map((all) => all.join("&"));
    const spliced = fc
      .tuple(fc.nat(120), fc.string())
      .map(([at, text]) => query().slice(0, at) + text + query().slice(at));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), pairs, spliced), (text) => {
        try {
          parseAnnounceQuery(text);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
