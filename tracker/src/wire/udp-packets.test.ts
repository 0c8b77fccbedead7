import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { handoutOf } from "../swarm/handout-buffer.ts";
import { compactEndpoint, type HostAddress, type InfoHash, type PeerId } from "../swarm/identifiers.ts";
import { createUdpAnnounce, printUdpAnnounceReply, readUdpAnnounce } from "./udp-announce.ts";
import { readUdpOptions } from "./udp-options.ts";
import { packetMemory, printError } from "./udp-packets.ts";
import { printUdpScrapeReply, readUdpScrape } from "./udp-scrape.ts";

const EVENTS = ["none", "completed", "started", "stopped", "paused"] as const;
const amount = fc.maxSafeNat();
const announce = fc.record({
  downloaded: amount,
  left: amount,
  uploaded: amount,
  event: fc.nat(4),
  numwant: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  port: fc.integer({ min: 1, max: 65535 }),
});
const transaction = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const count = fc.nat(2 ** 31 - 1);
const counts = fc.record({ complete: count, incomplete: count, completions: count });
const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((raw) => Buffer.from(raw).toString("latin1"));
const endpoint = (length: number) =>
  fc.tuple(bytes(length), fc.nat(65535)).map(([host, port]) => compactEndpoint(host as HostAddress, port));

/** 98 bytes, from offset 3 of its memory. */
function printAnnounce(fields: Record<"downloaded" | "left" | "uploaded" | "event" | "numwant" | "port", number>) {
  const memory = packetMemory(101);
  memory.view.setBigUint64(3 + 56, BigInt(fields.downloaded));
  memory.view.setBigUint64(3 + 64, BigInt(fields.left));
  memory.view.setBigUint64(3 + 72, BigInt(fields.uploaded));
  memory.view.setUint32(3 + 80, fields.event);
  memory.view.setInt32(3 + 92, fields.numwant);
  memory.view.setUint16(3 + 96, fields.port);
  return memory.view;
}

describe("a UDP announce", () => {
  it("says what was put into it", () => {
    fc.assert(
      fc.property(announce, (fields) => {
        const read = createUdpAnnounce();
        expect(readUdpAnnounce(printAnnounce(fields), 3, read)).toBeUndefined();
        expect(read).toEqual({ ...fields, event: EVENTS[fields.event] });
      }),
    );
  });

  it.each([
    ["left", { left: 2 ** 53 }, "left is no number of bytes"],
    ["downloaded", { downloaded: 2 ** 60 }, "downloaded is no number of bytes"],
    ["uploaded", { uploaded: 2 ** 63 }, "uploaded is no number of bytes"],
    ["event", { event: 5 }, "event is unknown"],
    ["port", { port: 0 }, "port is no port"],
  ])("is refused for its %s by name", (_, change, fault) => {
    const fields = { downloaded: 0, left: 0, uploaded: 0, event: 0, numwant: 0, port: 1, ...change };
    expect(readUdpAnnounce(printAnnounce(fields), 3, createUdpAnnounce())).toContain(fault);
  });

  it("is answered with the peers of its family, as many as there is room for", () => {
    const peer = fc.record({ v4: endpoint(4), v6: endpoint(16) });
    const form = { room: fc.integer({ min: 20, max: 400 }), transaction, family: fc.constantFrom("ipv4", "ipv6") };
    fc.assert(
      fc.property(fc.array(peer, { maxLength: 40 }), counts, fc.nat(9999), fc.record(form), (peers, held, wait, to) => {
        const memory = packetMemory(1000);
        const handout = handoutOf(peers.map((one) => ({ ...one, peerId: "" as PeerId })));
        const reply = { intervalSeconds: wait, counts: held, handout };
        const length = printUdpAnnounceReply(memory, 5, reply, to as typeof to & { family: "ipv4" | "ipv6" });
        const head = [0, 4, 8, 12, 16].map((at) => memory.view.getInt32(5 + at));
        expect(head).toEqual([1, to.transaction, wait, held.incomplete, held.complete]);
        const [size, all] = to.family === "ipv4" ? [6, peers.map(({ v4 }) => v4)] : [18, peers.map(({ v6 }) => v6)];
        const fit = Math.min(peers.length, Math.floor((to.room - 20) / size));
        expect(memory.bytes.toString("latin1", 25, 5 + length)).toBe(all.slice(0, fit).join(""));
        expect(memory.bytes.subarray(5 + length).every((byte) => byte === 0)).toBe(true);
      }),
    );
  });
});

describe("a UDP scrape", () => {
  it("is answered in the order of its question, with nothing where nothing is known", () => {
    const wanted = fc.array(fc.tuple(bytes(20), fc.option(counts)), { minLength: 1, maxLength: 74 });
    fc.assert(
      fc.property(wanted, transaction, (torrents, number) => {
        const request = Buffer.from("#".repeat(16) + torrents.map(([hash]) => hash).join(""), "latin1");
        const infoHashes = readUdpScrape(request, 0, request.length) as InfoHash[];
        expect(infoHashes).toEqual(torrents.map(([hash]) => Buffer.from(hash, "latin1").toString("hex")));
        const known = new Map(infoHashes.flatMap((hash, at) => (torrents[at]?.[1] ? [[hash, torrents[at][1]]] : [])));
        const { view } = packetMemory(1000);
        const length = printUdpScrapeReply(view, 2, { transaction: number, infoHashes, counts: known });
        expect(length).toBe(8 + 12 * torrents.length);
        expect(length).toBeLessThan(request.length);
        expect([view.getInt32(2), view.getInt32(6)]).toEqual([2, number]);
        for (const [index, hash] of infoHashes.entries()) {
          const said = [0, 4, 8].map((at) => view.getInt32(10 + index * 12 + at));
          const { complete, completions, incomplete } = known.get(hash) ?? NOTHING;
          expect(said).toEqual([complete, completions, incomplete]);
        }
      }),
    );
  });

  it.each([16, 35, 37, 16 + 75 * 20])("of %i bytes is refused", (length) => {
    expect(readUdpScrape(Buffer.alloc(length), 0, length)).toContain("1 to 74 info-hashes");
  });
});

const NOTHING = { complete: 0, completions: 0, incomplete: 0 };

describe("options of a UDP announce", () => {
  it("give the URL in pieces, with others between them", () => {
    const option = fc.oneof(
      fc.constant({ bytes: "\x01", url: "" }),
      fc.string({ unit: "binary-ascii", maxLength: 255 }).map((url) => ({ bytes: withLength(2, url), url })),
      fc
        .tuple(fc.integer({ min: 3, max: 255 }), fc.string({ unit: "binary-ascii", maxLength: 255 }))
        .map(([type, data]) => ({ bytes: withLength(type, data), url: "" })),
    );
    fc.assert(
      fc.property(fc.array(option, { maxLength: 8 }), fc.boolean(), (options, ended) => {
        const text = options.map((one) => one.bytes).join("") + (ended ? "\x00\x02\xff" : "");
        const packet = Buffer.from(`##${text}`, "latin1");
        expect(readUdpOptions(packet, 2, packet.length)).toEqual({ url: options.map(({ url }) => url).join("") });
      }),
    );
  });

  it.each(["\x02", "\x02\x05/ann", "\x09\x01"])("that end early are refused: %j", (text) => {
    expect(readUdpOptions(Buffer.from(text, "latin1"), 0, text.length)).toBeUndefined();
  });
});

function withLength(type: number, data: string): string {
  return String.fromCharCode(type, data.length) + data;
}

describe("a UDP error", () => {
  it("holds as many whole characters as there is room for", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 8, max: 40 }), (text, room) => {
        const memory = packetMemory(100);
        const length = printError(memory, 1, { transaction: 9, text, room });
        expect(length).toBeLessThanOrEqual(room);
        expect([memory.view.getInt32(1), memory.view.getInt32(5)]).toEqual([3, 9]);
        expect(text.startsWith(memory.bytes.toString("utf8", 9, 1 + length))).toBe(true);
      }),
    );
  });
});
