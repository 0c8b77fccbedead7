// What the tracker takes a client's rate to be; pairs meet by it.
import { beforeEach, expect, it } from "vitest";
import type { Announce } from "./announce.ts";
import { HandoutBuffer } from "./handout-buffer.ts";
import { compactEndpoint, type HostAddress, type PeerId } from "./identifiers.ts";
import { DEFAULT_POLICY } from "./policy.ts";
import { receive } from "./reception.ts";
import { Swarm } from "./swarm.ts";

const PAYLOAD = 1000;
const START = 1_700_000_000_000;
const EVERY_SECONDS = 2;
const FIRST = 0;
const SECOND = 1;

let swarm: Swarm;
beforeEach(() => {
  swarm = new Swarm(DEFAULT_POLICY);
});

it("is smoothed while the client gets on", () => {
  announceAll([[1000], [960], [900]]);
  expect(swarm.table.rateOf(FIRST)).toBe(25);
});

it("starts anew with the source that comes after one that went dry", () => {
  announceAll([[1000], [960], [920], [920], [820]]);
  expect(swarm.table.rateOf(FIRST)).toBe(50);
});

it("is a pull over the uplink only where the client is the one of its rack that pulls", () => {
  announceAll([
    [1000, 1000],
    [980, 500],
  ]);
  expect(swarm.table.representsOf(SECOND)).toBe(swarm.datacenter.level);
  expect(swarm.table.rateOf(SECOND)).toBe(250);
  expect(swarm.fastestPull).toBe(10);
});

/** The hosts of one rack announce in turn, one round every two seconds, what they lack in bytes. */
function announceAll(rounds: readonly (readonly number[])[]): void {
  for (const [round, lefts] of rounds.entries()) {
    const now = START + 1000 * EVERY_SECONDS * round;
    for (const [host, left] of lefts.entries()) {
      const report = { announce: announceOf(host, left), terms: { origins: new Set<HostAddress>() }, now };
      receive(swarm, { ...report, random: () => 0.3 }, new HandoutBuffer());
    }
  }
}

function announceOf(host: number, left: number): Announce {
  return {
    peerId: `-lt0D80-${String(host).padStart(12, "0")}` as PeerId,
    key: "",
    endpoint: compactEndpoint(String.fromCharCode(10, 0, 0, host) as HostAddress, 6881),
    otherEndpoint: undefined,
    reach: "any",
    path: ["rack1"],
    event: "none",
    left,
    uploaded: 0,
    downloaded: PAYLOAD - left,
    numwant: undefined,
  };
}
