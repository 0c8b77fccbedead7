import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packetMemory } from "../../wire/udp-packets.ts";
import { type ConnectionCheck, createConnectionIds } from "./connection-ids.ts";
import { connectionKey } from "./udp-server.ts";

const KEY = connectionKey("one secret");
const START = 1_700_000_000_000;

/** Connects from one host at a time after `START`, and shows the id from another host at another time. */
function connectAndShow(given: {
  from: Uint8Array;
  to?: Uint8Array;
  afterMs: number;
  issuedAtMs?: number;
  check?: ConnectionCheck;
  otherKey?: Uint8Array;
  flip?: number;
}): boolean {
  const clock = { ms: START + (given.issuedAtMs ?? 0) };
  const now = () => clock.ms;
  const check = given.check ?? "strict";
  const issuing = createConnectionIds({ key: KEY, check, now });
  issuing.issue(packetFrom(given.from));
  clock.ms += given.afterMs;
  const packet = packetFrom(given.to ?? given.from);
  packet.view.setInt32(0, issuing.high);
  packet.view.setInt32(4, issuing.low);
  if (given.flip !== undefined) packet.bytes[given.flip >> 3]! ^= 1 << (given.flip & 7);
  return createConnectionIds({ key: given.otherKey ?? KEY, check, now }).accepts(packet);
}

function packetFrom(host: Uint8Array) {
  const memory = packetMemory(64);
  memory.bytes.set(host, 32);
  const later = () => () => {};
  return { ...memory, at: 0, length: 16, hostAt: 32, hostBytes: host.length, port: 1, replyAt: 0, later };
}

const host = fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }));
const moment = fc.nat(100_000_000);

describe("a connection id", () => {
  it("is good for two minutes at least, and no more than ten seconds longer, for the address that got it", () => {
    fc.assert(
      fc.property(host, moment, fc.nat(120_000), (from, issuedAtMs, afterMs) => {
        expect(connectAndShow({ from, issuedAtMs, afterMs })).toBe(true);
        expect(connectAndShow({ from, issuedAtMs, afterMs: 130_000 + afterMs })).toBe(false);
      }),
    );
  });

  it("is good for half an hour where that is tolerated", () => {
    const from = Uint8Array.of(10, 1, 2, 3);
    expect(connectAndShow({ from, afterMs: 1_800_000, check: "tolerant" })).toBe(true);
    expect(connectAndShow({ from, afterMs: 1_900_000, check: "tolerant" })).toBe(false);
    expect(connectAndShow({ from, to: Uint8Array.of(10, 1, 2, 4), afterMs: 0, check: "tolerant" })).toBe(false);
  });

  it("is good for no other address, with no other key, and with no bit changed", () => {
    fc.assert(
      fc.property(host, host, fc.nat(63), (from, to, flip) => {
        fc.pre(Buffer.compare(from, to) !== 0);
        expect(connectAndShow({ from, to, afterMs: 0 })).toBe(false);
        expect(connectAndShow({ from, afterMs: 0, otherKey: connectionKey(undefined) })).toBe(false);
        expect(connectAndShow({ from, afterMs: 0, flip })).toBe(false);
      }),
    );
  });

  it("is good at another tracker with the same secret whose clock is half a minute behind", () => {
    const from = Uint8Array.of(10, 1, 2, 3);
    expect(connectAndShow({ from, afterMs: -30_000 })).toBe(true);
    expect(connectAndShow({ from, afterMs: -60_000 })).toBe(false);
  });
});
