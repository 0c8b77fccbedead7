// What the tracker takes a client's rate to be; pairs meet by it.
import { beforeEach, expect, it } from "vitest";
import { HandoutBuffer } from "../../tracker/src/swarm/handout-buffer.ts";
import { DEFAULT_POLICY } from "../../tracker/src/swarm/policy.ts";
import { receive } from "../../tracker/src/swarm/reception.ts";
import { Swarm } from "../../tracker/src/swarm/swarm.ts";
import { announceOf, createClient, EVERY_MS, terms } from "./swarm-world.ts";

const START = 1_700_000_000_000;
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
  const clients = (rounds[0] ?? []).map((_, host) => createClient({ path: ["rack1"], host: host + 1 }));
  for (const [round, lefts] of rounds.entries()) {
    for (const [at, client] of clients.entries()) {
      client.left = lefts[at] ?? 0;
      const report = { announce: announceOf(client), terms: terms([]), now: START + EVERY_MS * round };
      receive(swarm, { ...report, random: () => 0.3 }, new HandoutBuffer());
    }
  }
}
