// A service that knows the racks and is slow, down and back again in the midst of a deploy: hosts move to their racks, and no cap is broken.
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCachedResolver } from "../../smdb-adapter/src/cache/cached-resolver.ts";
import { type ChainLink, createChain } from "../../smdb-adapter/src/chain.ts";
import { createLocalLink } from "../../smdb-adapter/src/local-link.ts";
import { createSubnetResolver } from "../../smdb-adapter/src/resolvers/subnet.ts";
import type { Location } from "../../smdb-adapter/src/topology-resolver.ts";
import { announceFrom, announceServiceOver, INFO_HASH } from "../support/announce-service.ts";

const CAP = 2;
const HOSTS = Array.from({ length: 24 }, (_, index) => `10.0.${index % 3}.${index + 1}`);
const TIMES = { ttlSeconds: 0.3, negativeTtlSeconds: 0.1, errorTtlSeconds: 0.1, waitMs: 100, timeoutMs: 400 };
const BREAKER = { firstPauseMs: 150, longestPauseMs: 300 };

/** What the service does; `rackN` for `10.0.N.x` when it is up. */
let service: "up" | "slow" | "down" | "silent";
let asked: number;
beforeEach(() => {
  service = "up";
  asked = 0;
});

const rackOf = (address: string) => `rack${address.split(".")[2]}`;

async function locate(address: string): Promise<Location | undefined> {
  asked++;
  const now = service;
  if (now === "silent") return new Promise(() => {});
  if (now === "down") throw new Error("500");
  if (now === "slow") await delay(250);
  return { path: [rackOf(address)], resolver: "smdb" };
}

function start(fallback: readonly ChainLink[] = []) {
  const smdb = { name: "smdb", locate, reload: async () => {}, close: async () => {} };
  const now = () => performance.now();
  const chain = createChain([createCachedResolver(smdb, { ...TIMES, breaker: BREAKER, now }), ...fallback], {
    waitMs: TIMES.waitMs,
    now,
  });
  const { store, service: announces } = announceServiceOver({ resolver: chain, unknownRack: "shared", now: Date.now });

  async function announce(host: string): Promise<void> {
    const startedAt = performance.now();
    const reply = await announces.announce(announceFrom(host));
    expect(reply.kind).toBe("peers");
    // Time-out and what a busy machine adds.
    expect(performance.now() - startedAt).toBeLessThan(TIMES.waitMs + 400);
    await expectCaps();
  }

  const peers = async () => store.inspect(INFO_HASH, Date.now());
  const byRack = async () => Map.groupBy(await peers(), ({ path }) => path.join("/"));

  async function expectCaps(): Promise<void> {
    for (const [rack, inside] of await byRack()) {
      const standing = inside.filter(({ role }) => role === "representative").length;
      expect(standing, rack).toBe(Math.min(CAP, inside.length));
    }
  }

  /** All hosts announce, all at once. */
  const round = () => Promise.all(HOSTS.map(announce));
  const racks = async () => new Map([...(await byRack())].map(([rack, inside]) => [rack, inside.length]));
  return { chain, round, racks };
}

let world: ReturnType<typeof start>;
afterEach(() => world.chain.close());

const IN_THEIR_RACKS = new Map([
  ["rack0", 8],
  ["rack1", 8],
  ["rack2", 8],
]);
const everywhere = (rack: string) => new Map([[rack, HOSTS.length]]);

describe("hosts that announce while the service", () => {
  it.each(["down", "silent", "slow"] as const)(
    "is %s are counted as unknown, and move to their racks when it answers",
    async (state) => {
      world = start();
      service = state;
      await world.round();
      expect(await world.racks()).toEqual(everywhere("unknown"));
      service = "up";
      await expect.poll(() => world.round().then(world.racks), { timeout: 10_000 }).toEqual(IN_THEIR_RACKS);
    },
  );

  it("is down are where the fallback says, and move to their racks when it answers", async () => {
    world = start([
      createLocalLink(createSubnetResolver({ prefixes: [{ prefix: "10.0.0.0/8", path: "guess", source: "test" }] })),
    ]);
    service = "down";
    await world.round();
    expect(await world.racks()).toEqual(everywhere("guess"));
    service = "up";
    await expect.poll(() => world.round().then(world.racks), { timeout: 10_000 }).toEqual(IN_THEIR_RACKS);
  });

  it("goes down keep their racks, and do not keep asking it", async () => {
    world = start([
      createLocalLink(createSubnetResolver({ prefixes: [{ prefix: "10.0.0.0/8", path: "guess", source: "test" }] })),
    ]);
    await world.round();
    service = "down";
    await delay(TIMES.ttlSeconds * 1000);
    const before = asked;
    for (let times = 0; times < 10; times++) {
      await world.round();
      expect(await world.racks()).toEqual(IN_THEIR_RACKS);
      await delay(20);
    }
    expect(asked - before).toBeGreaterThan(0);
    expect(asked - before).toBeLessThan(3 * HOSTS.length);
  });
});
