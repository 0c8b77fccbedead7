import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSourceLedger } from "./source-ledger.ts";

const HOST = "127.0.1.1";
const peer = (address: string, downTotal: number, peerId = address) => ({ address, peerId, downTotal });

function observed(...readings: { downTotal: number; peers: ReturnType<typeof peer>[] }[]) {
  const ledger = createSourceLedger();
  for (const reading of readings) ledger.observe(HOST, reading);
  const { byAddress, unknownBytes } = ledger.sources(HOST);
  return { ...Object.fromEntries(byAddress), unknown: unknownBytes };
}

describe("the ledger of sources", () => {
  it("keeps what a peer gave after the peer is gone", () => {
    const seen = observed(
      { downTotal: 100, peers: [peer("a", 70), peer("b", 30)] },
      { downTotal: 130, peers: [peer("b", 60)] },
      { downTotal: 130, peers: [] },
    );
    expect(seen).toEqual({ a: 70, b: 60, unknown: 0 });
  });

  it("books what came in after the last reading to the connection that ended", () => {
    const seen = observed({ downTotal: 100, peers: [peer("a", 100)] }, { downTotal: 128, peers: [] });
    expect(seen).toEqual({ a: 128, unknown: 0 });
  });

  it("shares such bytes by the pace that the ended connections had", () => {
    const seen = observed(
      { downTotal: 0, peers: [peer("a", 0), peer("b", 0)] },
      { downTotal: 40, peers: [peer("a", 30), peer("b", 10)] },
      { downTotal: 80, peers: [] },
    );
    expect(seen).toEqual({ a: 60, b: 20, unknown: 0 });
  });

  it("takes a count that went back for a new connection", () => {
    const seen = observed({ downTotal: 50, peers: [peer("a", 50)] }, { downTotal: 60, peers: [peer("a", 10)] });
    expect(seen).toEqual({ a: 60, unknown: 0 });
  });

  it("says so when bytes came from nobody that was ever seen", () => {
    expect(observed({ downTotal: 0, peers: [] }, { downTotal: 40, peers: [] })).toEqual({ unknown: 40 });
  });

  it("accounts for every byte of a host, whoever comes and goes between readings", () => {
    const steps = fc.array(
      fc.record({
        peer: fc.constantFrom("a", "b", "c"),
        bytes: fc.nat(1000),
        leaves: fc.boolean(),
        read: fc.boolean(),
      }),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (moves) => {
        const ledger = createSourceLedger();
        const live = new Map<string, number>();
        let downTotal = 0;
        const read = () =>
          ledger.observe(HOST, { downTotal, peers: [...live].map(([name, total]) => peer(name, total)) });
        for (const move of moves) {
          live.set(move.peer, (live.get(move.peer) ?? 0) + move.bytes);
          downTotal += move.bytes;
          if (move.leaves) live.delete(move.peer);
          if (move.read) read();
        }
        read();
        const { byAddress, unknownBytes } = ledger.sources(HOST);
        const booked = [...byAddress.values()].reduce((sum, bytes) => sum + bytes, unknownBytes);
        // Shares are rounded to whole bytes, one for each connection that ended.
        expect(Math.abs(booked - downTotal)).toBeLessThanOrEqual(moves.length);
      }),
    );
  });
});
