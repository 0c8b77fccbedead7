import { describe, expect, it } from "vitest";
import { announceFrom } from "../../../tests/support/announce-service.ts";
import type { HostAddress, PeerId } from "../swarm/identifiers.ts";
import { hostAddressText, parseHostAddress } from "../wire/compact-address.ts";
import type { ClientAnnounce } from "./announce-service.ts";
import { createPlacePatience } from "./place-patience.ts";

const HOST = parseHostAddress("10.0.1.1");
const TERMS = { origins: new Set<HostAddress>() };

function setup(seconds = 10) {
  const state = { ms: 0, hasAnswered: false };
  const patience = createPlacePatience({
    seconds,
    hasAnswered: () => state.hasAnswered,
    addressText: hostAddressText,
    elapsed: () => state.ms,
  });
  return { state, patience };
}

const announce = (change: Partial<ClientAnnounce> = {}) =>
  announceFrom("10.0.1.1", { peerId: "-lt0D80-000000000001" as PeerId, ...change });

describe("patience for a place", () => {
  it("lasts while a resolver is late or fails, from the first announce and no longer than told", () => {
    const { state, patience } = setup();
    expect(patience.waits(announce(), TERMS)).toBe(true);
    state.ms = 9_999;
    expect(patience.waits(announce(), TERMS)).toBe(true);
    state.ms = 10_000;
    expect(patience.waits(announce(), TERMS)).toBe(false);
    state.ms = 60_000;
    expect(patience.waits(announce(), TERMS)).toBe(false);
  });

  it("ends when all resolvers have said that they do not know the host", () => {
    const { state, patience } = setup();
    expect(patience.waits(announce(), TERMS)).toBe(true);
    state.hasAnswered = true;
    expect(patience.waits(announce(), TERMS)).toBe(false);
  });

  it("may be switched off", () => {
    expect(setup(0).patience.waits(announce(), TERMS)).toBe(false);
  });

  it.each([
    ["who is complete", { left: 0 }],
    ["who leaves", { event: "stopped" }],
    ["who would be gone for the interval", { peerId: "-LT2080-000000000001" as PeerId }],
  ] as const)("is not had with one %s", (_, change) => {
    expect(setup().patience.waits(announce(change), TERMS)).toBe(false);
  });

  it("is not had with an origin", () => {
    expect(setup().patience.waits(announce(), { origins: new Set([HOST]) })).toBe(false);
  });
});
