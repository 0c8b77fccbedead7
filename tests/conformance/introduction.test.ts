// How one copy is passed on by `fan`, `plain` and `late`, seen through the store as clients see it.
import { describe, expect, it } from "vitest";
import type { SwarmStore } from "../../tracker/src/store/swarm-store.ts";
import { createMemoryStore } from "../../tracker/src/store/memory-store.ts";
import { DEFAULT_POLICY, type SwarmPolicy } from "../../tracker/src/swarm/policy.ts";
import { hostAddressText } from "../../tracker/src/wire/compact-address.ts";
import { announceOf, createClient, EVERY_MS, INFO_HASH, PAYLOAD, terms, type Client } from "./swarm-world.ts";

/** Mbit/s, as small as the payload: an uplink carries it in about 16 s. */
const LINKS = { uplink: 0.05, access: 0.2, origin: 0.2 };
const STARTED_AT = 1_700_000_000_000;

interface Scene {
  readonly store: SwarmStore;
  /** The hosts that the client is told of when it announces with this much of the payload, in percent. */
  at(client: Client, percent: number): number[];
  later(): void;
}

function scene(policy: Partial<SwarmPolicy>, origin?: Client): Scene {
  let now = STARTED_AT;
  const settings = { ...DEFAULT_POLICY, links: LINKS, ...policy };
  const store = createMemoryStore({ policy: settings, random: () => 0.5, addressText: hostAddressText }, now);
  return {
    store,
    at(client, percent) {
      client.left = Math.round(PAYLOAD * (1 - percent / 100));
      const request = { infoHash: INFO_HASH, announce: announceOf(client), terms: terms(origin ? [origin] : []), now };
      const outcome = store.announce(request);
      if (outcome instanceof Promise || outcome.kind !== "accepted")
        throw new Error("the memory store answers at once");
      return outcome.handout
        .peers()
        .map(({ v4 }) => v4?.charCodeAt(3) ?? 0)
        .toSorted((one, other) => one - other);
    },
    later: () => void (now += EVERY_MS),
  };
}

function rackOf(name: string, hosts: readonly number[], late = true): Client[] {
  return hosts.map((host) => createClient({ path: [name], host, late }));
}

const originHost = () => createClient({ path: ["core"], host: 99 });

/** One rack of five, all started, its first host pulling from the origin. */
function startedRack(policy: Partial<SwarmPolicy> = {}, late = true) {
  const origin = originHost();
  const stage = scene(policy, origin);
  stage.at(origin, 100);
  const hosts = rackOf("r1", [1, 2, 3, 4, 5], late);
  const first = hosts.map((host) => stage.at(host, 0));
  stage.later();
  return { stage, hosts: hosts as [Client, Client, Client, Client, Client], first };
}

describe("fan", () => {
  it("lets one representative pull and keeps its rack waiting until it is ahead", () => {
    const { stage, hosts, first } = startedRack();
    expect(first).toEqual([[99], [], [], [], []]);
    expect(stage.at(hosts[0], 5)).toEqual([]);
  });

  it("gives the representative as many mates as its link has uplinks, once it is ahead", () => {
    const { stage, hosts } = startedRack();
    expect(stage.at(hosts[0], 28)).toEqual([2, 3, 4, 5]);
  });

  it("tells a pair to one end only", () => {
    const { stage, hosts } = startedRack();
    stage.at(hosts[0], 28);
    expect(stage.at(hosts[1], 0)).toEqual([]);
  });

  it("holds one mate back where the links are only assumed", () => {
    const { stage, hosts } = startedRack({ links: undefined });
    stage.at(hosts[0], 28);
    stage.later();
    expect(stage.at(hosts[0], 54)).toHaveLength(3);
  });

  it("introduces no incomplete mates that are equally far", () => {
    const { stage, hosts } = startedRack();
    stage.at(hosts[0], 28);
    for (let percent = 10; percent < 60; percent += 10) {
      stage.later();
      stage.at(hosts[0], percent + 20);
      for (const mate of hosts.slice(1)) expect(stage.at(mate, percent)).toEqual([]);
    }
  });

  it("passes a copy on to one more rack where the origin feeds as many as it can", () => {
    const origin = originHost();
    const stage = scene({ links: { ...LINKS, origin: 0.05 } }, origin);
    stage.at(origin, 100);
    const [one, two, three] = [1, 2, 3].map((host) => createClient({ path: [`r${host}`], host })) as [
      Client,
      Client,
      Client,
    ];
    expect([stage.at(one, 0), stage.at(two, 0), stage.at(three, 0)]).toEqual([[99], [], []]);
    stage.later();
    const told = stage.at(one, 20);
    expect(told).toHaveLength(1);
    expect([2, 3]).toContain(told[0]);
  });

  it("is made of mates and of the racks that share the way out, where racks stand in wider groups", () => {
    const levels = [
      { name: "dc", maxRepresentatives: 2, activeRepresentatives: 1 },
      { name: "rack", maxRepresentatives: 2, activeRepresentatives: 1 },
    ];
    const origin = createClient({ path: ["core", "core"], host: 99 });
    const stage = scene({ levels }, origin);
    stage.at(origin, 100);
    const [one, ...others] = [1, 2, 3, 4, 5].map((host) =>
      createClient({ path: ["dc1", host < 4 ? "r1" : "r2"], host }),
    ) as [Client, ...Client[]];
    expect([one, ...others].map((client) => stage.at(client, 0))).toEqual([[99], [], [], [], []]);
    stage.later();
    expect(stage.at(one, 28)).toEqual([]);
    stage.later();
    // 2 and 3 are its mates, 4 pulls for the other rack, 5 stands by there.
    expect(stage.at(one, 56)).toEqual([2, 3, 4]);
  });

  it("offers a complete mate to everybody who waits, four at a time", () => {
    const { stage, hosts } = startedRack({ links: undefined });
    expect(stage.at(hosts[0], 100)).toEqual([2, 3, 4, 5]);
  });
});

describe("late", () => {
  it("introduces nobody to an incomplete mate", () => {
    const { stage, hosts } = startedRack({ introduction: "late" });
    expect(stage.at(hosts[0], 90)).toEqual([]);
    stage.later();
    expect(stage.at(hosts[0], 100)).toEqual([2, 3, 4, 5]);
  });
});

describe("plain", () => {
  it("introduces prompt clients of a rack to each other at once, and only the active one to the origin", () => {
    const { first } = startedRack({}, false);
    expect(first).toEqual([[99], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]]);
  });
});
