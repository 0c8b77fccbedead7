import { expect, it } from "vitest";
import type { InfoHash, PeerId } from "../../swarm/identifiers.ts";
import { OutstandingOffers } from "./outstanding-offers.ts";

const [HASH, OTHER] = ["a".repeat(40) as InfoHash, "b".repeat(40) as InfoHash];
const [ANN, BOB] = ["ann" as PeerId, "bob" as PeerId];

it("an offer is answered once, by the peer it went to, in its swarm", () => {
  const offers = new OutstandingOffers();
  offers.add(HASH, "1", ANN, 0);
  expect(offers.take(HASH, "1", BOB, 1)).toBe(false);
  expect(offers.take(OTHER, "1", ANN, 1)).toBe(false);
  expect(offers.take(HASH, "2", ANN, 1)).toBe(false);
  expect(offers.take(HASH, "1", ANN, 1)).toBe(true);
  expect(offers.take(HASH, "1", ANN, 1)).toBe(false);
});

it("an offer waits two minutes", () => {
  const offers = new OutstandingOffers();
  offers.add(HASH, "1", ANN, 0);
  offers.add(HASH, "2", ANN, 60_000);
  expect(offers.take(HASH, "1", ANN, 120_001)).toBe(false);
  offers.forgetOld(120_001);
  expect(offers.size).toBe(1);
  expect(offers.take(HASH, "2", ANN, 180_000)).toBe(true);
});

it("of many offers the oldest are forgotten", () => {
  const offers = new OutstandingOffers();
  for (let at = 0; at < 1000; at++) offers.add(HASH, `${at}`, ANN, at);
  expect(offers.size).toBe(200);
  expect(offers.take(HASH, "799", ANN, 1000)).toBe(false);
  expect(offers.take(HASH, "800", ANN, 1000)).toBe(true);
});
