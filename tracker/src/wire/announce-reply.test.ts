import oracle from "bencode";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HandoutPeer } from "../swarm/announce.ts";
import { handoutOf } from "../swarm/handout-buffer.ts";
import { type CompactEndpoint, compactEndpoint, type HostAddress, type PeerId } from "../swarm/identifiers.ts";
import { type AnnounceReply, type ReplyForm, writeAnnounceReply, writeFailure } from "./announce-reply.ts";
import { decodeBencode } from "./bencode.ts";
import { ByteWriter } from "./byte-writer.ts";
import { hostAddressText, parseHostAddress } from "./compact-address.ts";

const latin1 = (bytes: unknown) => Buffer.from(bytes as Uint8Array).toString("latin1");
const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((raw) => Buffer.from(raw).toString("latin1"));
const endpoint = (length: number) =>
  fc.tuple(bytes(length), fc.nat(65535)).map(([host, port]) => compactEndpoint(host as HostAddress, port));
const handoutPeer = fc
  .record({
    peerId: bytes(20),
    v4: fc.option(endpoint(4), { nil: undefined }),
    v6: fc.option(endpoint(16), { nil: undefined }),
  })
  .map((peer) => peer as HandoutPeer);
const reply = fc.record({
  handout: fc.array(handoutPeer, { maxLength: 60 }).map(handoutOf),
  intervalSeconds: fc.nat(),
  minIntervalSeconds: fc.nat(),
  counts: fc.record({ complete: fc.nat(), incomplete: fc.nat(), completions: fc.nat() }),
  warning: fc.option(fc.string({ unit: "grapheme" }), { nil: undefined }),
});
const externalAddress = parseHostAddress("10.1.2.3");

function print(given: AnnounceReply, form: ReplyForm): Buffer {
  const out = new ByteWriter(1);
  writeAnnounceReply(out, given, form);
  return out.view();
}

function failure(reason: string, retryInMinutes?: number): Buffer {
  const out = new ByteWriter();
  writeFailure(out, reason, retryInMinutes);
  return out.view();
}

interface PeerDictionary {
  readonly ip: Uint8Array;
  readonly port: number;
  readonly "peer id"?: Uint8Array;
}

interface Decoded {
  readonly [key: string]: unknown;
  readonly peers: unknown;
  readonly peers6?: Uint8Array;
}
const decoded = (buffer: Buffer) => oracle.decode(buffer) as unknown as Decoded;
const entries = (peers: readonly HandoutPeer[]) =>
  peers.flatMap(({ peerId, v4, v6 }) => [v4, v6].filter((at) => at !== undefined).map((at) => ({ peerId, at })));
const textOf = (at: CompactEndpoint) => hostAddressText(at.slice(0, -2) as HostAddress);
const port = (at: CompactEndpoint) => Buffer.from(at, "latin1").readUInt16BE(at.length - 2);

describe("writeAnnounceReply", () => {
  it("says in the compact form what it was given, as canonical bencode", () => {
    fc.assert(
      fc.property(reply, (given: AnnounceReply) => {
        const buffer = print(given, { compact: true, noPeerId: false, externalAddress });
        decodeBencode(buffer);
        const said = decoded(buffer);
        expect(said).toMatchObject({
          interval: given.intervalSeconds,
          "min interval": given.minIntervalSeconds,
          complete: given.counts.complete,
          incomplete: given.counts.incomplete,
        });
        expect(latin1(said["external ip"])).toBe("\x0a\x01\x02\x03");
        expect(latin1(said.peers)).toBe(
          given.handout
            .peers()
            .map((peer) => peer.v4 ?? "")
            .join(""),
        );
        expect(said.peers6 === undefined ? "" : latin1(said.peers6)).toBe(
          given.handout
            .peers()
            .map((p) => p.v6 ?? "")
            .join(""),
        );
        const warning = said["warning message"];
        expect(warning === undefined ? undefined : Buffer.from(warning as Uint8Array).toString()).toBe(given.warning);
      }),
    );
  });

  it("says in either form which address the client has, of either family (BEP 24)", () => {
    const nobody = { intervalSeconds: 15, minIntervalSeconds: 14, handout: handoutOf([]), warning: undefined };
    const counts = { complete: 0, incomplete: 1, completions: 0 };
    for (const address of ["10.1.2.3", "2001:db8::7"].map(parseHostAddress)) {
      for (const compact of [true, false]) {
        const form = { compact, noPeerId: true, externalAddress: address };
        const said = decoded(print({ ...nobody, counts }, form));
        expect(latin1(said["external ip"])).toBe(address);
      }
    }
  });

  it("says in the dictionary form every address of every peer", () => {
    fc.assert(
      fc.property(reply, fc.boolean(), (given: AnnounceReply, noPeerId) => {
        const buffer = print(given, { compact: false, noPeerId, externalAddress });
        decodeBencode(buffer);
        const said = (decoded(buffer).peers as PeerDictionary[]).map((peer) => ({
          ip: latin1(peer.ip),
          port: peer.port,
          peerId: peer["peer id"] && latin1(peer["peer id"]),
        }));
        const expected = entries(given.handout.peers()).map(({ peerId, at }) => ({
          ip: textOf(at),
          port: port(at),
          peerId: noPeerId ? undefined : (peerId as PeerId),
        }));
        expect(said).toEqual(expected);
      }),
    );
  });

  it("holds peers and min interval even when there is nobody", () => {
    const nobody = { intervalSeconds: 15, minIntervalSeconds: 14, handout: handoutOf([]), warning: undefined };
    const counts = { complete: 0, incomplete: 1, completions: 0 };
    const buffer = print({ ...nobody, counts }, { compact: true, noPeerId: true, externalAddress });
    expect(buffer.toString("latin1")).toBe(
      "d8:completei0e11:external ip4:\x0a\x01\x02\x0310:incompletei1e8:intervali15e12:min intervali14e5:peers0:e",
    );
  });
});

describe("writeFailure", () => {
  it("says the reason as UTF-8, and when to ask again", () => {
    const said = decoded(failure("nicht gültig", 1));
    expect(Buffer.from(said["failure reason"] as Uint8Array).toString("utf8")).toBe("nicht gültig");
    expect(said["retry in"]).toBe(1);
  });

  it("leaves the time to the client when none is given", () => {
    expect(failure("no").toString("latin1")).toBe("d14:failure reason2:noe");
  });
});
