import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { InfoHash, PeerId } from "../swarm/identifiers.ts";
import { MAX_SDP_CHARACTERS, parseWebtorrentMessage, type WebtorrentMessage } from "./webtorrent-message.ts";
import {
  printHandshake,
  printWebtorrentFailure,
  printWebtorrentReply,
  printWebtorrentScrape,
} from "./webtorrent-reply.ts";

const LIMITS = { maxOffers: 3, maxHashes: 4 };
const parse = (text: string) => parseWebtorrentMessage(text, LIMITS);
const id = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
const infoHash = id.map((text) => Buffer.from(text, "latin1").toString("hex") as InfoHash);
const amount = fc.nat();
const binary = (hex: string) => Buffer.from(hex, "hex").toString("latin1");

const announce = fc.record({
  kind: fc.constant("announce" as const),
  infoHash,
  peerId: id as fc.Arbitrary<PeerId>,
  event: fc.constantFrom(
    "none" as const,
    "started" as const,
    "completed" as const,
    "stopped" as const,
    "paused" as const,
  ),
  left: fc.option(amount, { nil: undefined }),
  uploaded: amount,
  downloaded: amount,
  numwant: fc.constant(0),
  offers: fc.array(fc.record({ offerId: id, sdp: fc.string({ unit: "grapheme" }) }), { maxLength: 3 }),
});

/** As bittorrent-tracker's client writes it. */
function textOf(message: WebtorrentMessage): string {
  switch (message.kind) {
    case "announce":
      return JSON.stringify({
        action: "announce",
        info_hash: binary(message.infoHash),
        peer_id: message.peerId,
        event: message.event === "none" ? undefined : message.event,
        left: message.left ?? null,
        uploaded: message.uploaded,
        downloaded: message.downloaded,
        numwant: message.numwant,
        offers: message.offers.map(({ offerId, sdp }) => ({ offer_id: offerId, offer: { type: "offer", sdp } })),
      });
    case "answer":
      return JSON.stringify({
        action: "announce",
        info_hash: binary(message.infoHash),
        peer_id: message.peerId,
        to_peer_id: message.toPeerId,
        offer_id: message.offerId,
        answer: { type: "answer", sdp: message.sdp },
        trackerid: "left out",
      });
    case "scrape":
      return JSON.stringify({ action: "scrape", info_hash: message.infoHashes.map(binary) });
  }
}

describe("messages of WebTorrent clients", () => {
  it("are read as they were meant", () => {
    const answer = fc.record({
      kind: fc.constant("answer" as const),
      infoHash,
      peerId: id as fc.Arbitrary<PeerId>,
      toPeerId: id as fc.Arbitrary<PeerId>,
      offerId: id,
      sdp: fc.string(),
    });
    const scrape = fc.record({
      kind: fc.constant("scrape" as const),
      infoHashes: fc.array(infoHash, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.oneof(announce, answer, scrape), (message) => {
        expect(parse(textOf(message))).toEqual(message);
      }),
    );
  });

  it.each(["update", "empty", "", null, undefined])("may say of a regular announce that its event is %j", (event) => {
    const fields = { action: "announce", info_hash: "h".repeat(20), peer_id: "p".repeat(20), event };
    expect(parse(JSON.stringify(fields))).toMatchObject({ kind: "announce", event: "none" });
  });

  it("want no more peers than they bring offers, and bring no more offers than are allowed", () => {
    fc.assert(
      fc.property(
        announce,
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 0, max: 9 }),
        (message, offers, numwant) => {
          const offer = { offerId: "o".repeat(20), sdp: "v=0" };
          const read = parse(textOf({ ...message, numwant, offers: Array.from({ length: offers }, () => offer) }));
          expect(read).toMatchObject({ kind: "announce", numwant: Math.min(numwant, offers, 3) });
          expect(read.kind === "announce" && read.offers.length).toBe(Math.min(offers, 3));
        },
      ),
    );
  });

  it("never throw, and a fault says which field and for which torrent", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(parse(text).kind).toBeTypeOf("string");
      }),
    );
    const named = { action: "announce", info_hash: "\xff".repeat(20), peer_id: "short" };
    expect(parse(JSON.stringify(named))).toEqual({
      kind: "fault",
      fault: "webtorrent-bad-field",
      action: "announce",
      infoHash: "ff".repeat(20),
      reason: "peer_id is missing or no string of 20 bytes, one character each",
    });
  });

  const good = { action: "announce", info_hash: "h".repeat(20), peer_id: "p".repeat(20) };
  const withOffer = (offer: unknown) => ({ ...good, offers: [{ offer_id: "o".repeat(20), offer }] });
  it.each([
    ["no JSON", "{", "webtorrent-bad-json", "no JSON object"],
    ["a list", [], "webtorrent-bad-json", "no JSON object"],
    ["null", null, "webtorrent-bad-json", "no JSON object"],
    ["no action", {}, "webtorrent-bad-action", "neither announce nor scrape"],
    ["an unknown action", { ...good, action: "connect" }, "webtorrent-bad-action", "neither announce nor scrape"],
    ["a short info_hash", { ...good, info_hash: "h" }, "webtorrent-bad-field", "info_hash"],
    ["an info_hash beyond bytes", { ...good, info_hash: "ā".repeat(20) }, "webtorrent-bad-field", "info_hash"],
    ["a numeric peer_id", { ...good, peer_id: 1e19 }, "webtorrent-bad-field", "peer_id"],
    ["an unknown event", { ...good, event: "exploded" }, "webtorrent-bad-field", "event"],
    ["offers that are no list", { ...good, offers: {} }, "webtorrent-bad-field", "offers"],
    ["an offer that is no object", { ...good, offers: [7] }, "webtorrent-bad-field", "offer"],
    ["an offer of the type answer", withOffer({ type: "answer", sdp: "v=0" }), "webtorrent-bad-field", "type offer"],
    ["an offer without sdp", withOffer({ type: "offer" }), "webtorrent-bad-field", "offer"],
    [
      "a long sdp",
      withOffer({ type: "offer", sdp: "x".repeat(MAX_SDP_CHARACTERS + 1) }),
      "webtorrent-bad-field",
      "sdp",
    ],
    ["an answer to nobody", { ...good, answer: { type: "answer", sdp: "" } }, "webtorrent-bad-field", "to_peer_id"],
    ["a scrape of everything", { action: "scrape" }, "webtorrent-bad-field", "lists no torrents"],
    [
      "a scrape of too much",
      { action: "scrape", info_hash: Array(5).fill("h".repeat(20)) },
      "webtorrent-bad-field",
      "than 4",
    ],
  ])("are refused: %s", (_, message, fault, reason) => {
    const read = parse(typeof message === "string" ? message : JSON.stringify(message));
    expect(read).toMatchObject({ kind: "fault", fault, reason: expect.stringContaining(reason) });
  });
});

describe("what the tracker says", () => {
  it("has binary ids as latin1 in JSON", () => {
    const hash = "00ff".repeat(10) as InfoHash;
    const counts = { complete: 1, incomplete: 2, completions: 3 };
    const reply = { infoHash: hash, intervalSeconds: 30, counts, warning: undefined };
    const info_hash = "\0\xff".repeat(10);
    expect(JSON.parse(printWebtorrentReply(reply))).toEqual({
      action: "announce",
      interval: 30,
      info_hash,
      complete: 1,
      incomplete: 2,
    });
    expect(JSON.parse(printWebtorrentReply({ ...reply, warning: "w" }))["warning message"]).toBe("w");
    expect(JSON.parse(printWebtorrentScrape(new Map([[hash, counts]]), 9))).toEqual({
      action: "scrape",
      files: { [info_hash]: { complete: 1, incomplete: 2, downloaded: 3 } },
      flags: { min_request_interval: 9 },
    });
    const failure = { action: "announce", infoHash: hash, reason: "why" } as const;
    expect(JSON.parse(printWebtorrentFailure(failure))).toEqual({
      action: "announce",
      "failure reason": "why",
      info_hash,
    });
    const handshake = { kind: "answer", infoHash: hash, peerId: "p" as PeerId, offerId: "\x80", sdp: "v=0" } as const;
    expect(JSON.parse(printHandshake(handshake))).toEqual({
      action: "announce",
      answer: { type: "answer", sdp: "v=0" },
      offer_id: "\x80",
      peer_id: "p",
      info_hash,
    });
  });

  it("repeats a description in no more bytes than it came in", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (sdp) => {
        const message = textOf({
          kind: "answer",
          infoHash: "00".repeat(20) as InfoHash,
          peerId: "p".repeat(20) as PeerId,
          toPeerId: "t".repeat(20) as PeerId,
          offerId: "o".repeat(20),
          sdp,
        });
        const read = parse(message);
        const printed = read.kind === "answer" ? printHandshake(read) : "not read";
        expect(Buffer.byteLength(printed)).toBeLessThanOrEqual(Buffer.byteLength(message));
      }),
    );
  });
});
