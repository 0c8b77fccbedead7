// What every SwarmStore must hold; run by the memory store here and by any other one.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SwarmStore } from "../../tracker/src/store/swarm-store.ts";
import type { Announce, HandoutPeer } from "../../tracker/src/swarm/announce.ts";
import type { SwarmPolicy } from "../../tracker/src/swarm/policy.ts";
import { DEFAULT_POLICY } from "../../tracker/src/swarm/policy.ts";
import type { PeerView } from "../../tracker/src/swarm/views.ts";
import type { Client } from "./swarm-world.ts";
import {
  announceOf,
  connect,
  createClient,
  disconnect,
  EVERY_MS,
  INFO_HASH,
  launch,
  PAYLOAD,
  progress,
  terms,
  THREE_LEVELS,
} from "./swarm-world.ts";

export type StoreFactory = (policy: SwarmPolicy, random: () => number) => SwarmStore | Promise<SwarmStore>;

/** `modelRuns`: how many random histories of each kind, where a store is slow to ask. */
export function swarmStoreSuite(name: string, create: StoreFactory, { modelRuns = 60 } = {}): void {
  describe(`${name}: swarm store`, () => {
    standingTests(create);
    identityTests(create);
    sweepTests(create);
    modelTests(create, Number(process.env["MODEL_RUNS"] ?? modelRuns));
  });
}

function standingTests(create: StoreFactory): void {
  it("stands the first hosts of a rack for it, up to the cap, in order of arrival", async () => {
    const fleet = await startFleet(create, DEFAULT_POLICY);
    const clients = rack("r1", 5);
    for (const client of clients) await fleet.announce(client, "started");
    expect(await fleet.representatives()).toEqual(clients.slice(0, 2).map(idOf));
  });

  it("makes the next in line a representative at the instant one stops", async () => {
    const fleet = await startFleet(create, DEFAULT_POLICY);
    const clients = rack("r1", 4);
    for (const client of clients) await fleet.announce(client, "started");
    await fleet.announce(at(clients, 0), "stopped");
    expect(await fleet.representatives()).toEqual([idOf(at(clients, 1)), idOf(at(clients, 2))]);
  });

  it("takes a scheduled leecher for gone after three missed announces", async () => {
    const fleet = await startFleet(create, DEFAULT_POLICY);
    const [first, second, third] = rack("r1", 3) as [Client, Client, Client];
    for (let round = 0; round < 4; round++) {
      for (const client of [first, second, third]) await fleet.announce(client);
      fleet.wait(EVERY_MS);
    }
    for (let round = 0; round < 4; round++) {
      for (const client of [second, third]) await fleet.announce(client);
      fleet.wait(EVERY_MS);
    }
    expect(await fleet.representatives()).toEqual([idOf(second), idOf(third)]);
  });

  it("uses one slot for two clients on one host, and keeps the slot with the host", async () => {
    const fleet = await startFleet(create, DEFAULT_POLICY);
    const one = createClient({ path: ["r1"], host: 1, port: 1001 });
    const twin = createClient({ path: ["r1"], host: 1, port: 1002 });
    const other = createClient({ path: ["r1"], host: 2 });
    for (const client of [one, twin, other]) await fleet.announce(client, "started");
    expect(await fleet.representatives()).toEqual([idOf(one), idOf(other)]);
    await fleet.announce(one, "stopped");
    expect(await fleet.representatives()).toEqual([idOf(twin), idOf(other)]);
  });

  it("hands a member only its own rack, and origins only to the active representative", async () => {
    const fleet = await startFleet(create, DEFAULT_POLICY);
    const origin = createClient({ path: ["core"], host: 9000 });
    origin.left = 0;
    fleet.origins = [origin];
    await fleet.announce(origin, "started");
    const clients = rack("r1", 4);
    const handouts = [];
    for (const client of clients) handouts.push(await fleet.announce(client, "started"));
    expect(handouts.map((handout) => handout.map(({ peerId }) => peerId))).toEqual([[origin.peerId], [], [], []]);
  });

  it("takes the first complete peer for the origin where none is declared", async () => {
    const fleet = await startFleet(create, DEFAULT_POLICY);
    const origin = createClient({ path: ["r1"], host: 9000 });
    origin.left = 0;
    await fleet.announce(origin, "started");
    expect((await fleet.views()).map(({ role }) => role)).toEqual(["origin"]);
  });

  it("never has more than the cap of 200 peers that announce at once", async () => {
    const fleet = await startFleet(create, DEFAULT_POLICY);
    const clients = rack("r1", 200);
    await Promise.all(clients.map(async (client) => fleet.announce(client, "started")));
    expect(await fleet.representatives()).toHaveLength(2);
  });
}

function sweepTests(create: StoreFactory): void {
  it("is rid of the peers that stayed silent, and of no others, after a few sweeps", async () => {
    const store = await create(DEFAULT_POLICY, () => 0.5);
    const clients = Array.from({ length: 30 }, (_, host) => createClient({ path: [`r${host % 3}`], host }));
    const [keeper, other] = clients as [Client, Client];
    let now = 1_700_000_000_000;
    async function round(announcing: readonly Client[]): Promise<void> {
      for (const client of announcing)
        await store.announce({ infoHash: INFO_HASH, announce: announceOf(client), terms: terms([]), now });
      now += EVERY_MS;
    }
    for (let at = 0; at < 3; at++) await round(clients);
    expect(await store.sweep(now)).toBe(0);
    for (let at = 0; at < 5; at++) await round([keeper, other]);
    for (let calls = 0; (await store.inspect(INFO_HASH, now)).length > 2; calls++) {
      expect(calls).toBeLessThan(5);
      await store.sweep(now);
    }
    expect((await store.inspect(INFO_HASH, now)).map(({ peerId }) => peerId)).toEqual([idOf(keeper), idOf(other)]);
    expect(await store.scrape(INFO_HASH)).toMatchObject({ complete: 0, incomplete: 2 });
  });
}

function identityTests(create: StoreFactory): void {
  it("gives a client that comes back on its endpoint with a new id its place in line", async () => {
    const fleet = await startFleet(create, DEFAULT_POLICY);
    const clients = rack("r1", 3);
    for (const client of clients) await fleet.announce(client, "started");
    launch(at(clients, 0));
    await fleet.announce(at(clients, 0), "started");
    expect(await fleet.representatives()).toEqual(clients.slice(0, 2).map(idOf));
    expect(await fleet.views()).toHaveLength(3);
  });

  it("refuses a known peer id from another host that does not bring its key", async () => {
    const fleet = await startFleet(create, DEFAULT_POLICY);
    const [one, thief] = [createClient({ path: ["r1"], host: 1 }), createClient({ path: ["r1"], host: 2 })];
    await fleet.announce(one, "started");
    const outcome = await fleet.store.announce({
      infoHash: INFO_HASH,
      announce: { ...announceOf(thief), peerId: one.peerId, key: "other" },
      terms: terms([]),
      now: fleet.now(),
    });
    expect(outcome).toMatchObject({ kind: "refused", reason: expect.stringContaining("peer_id") as string });
  });

  it("counts one client that announces over both address families once", async () => {
    const fleet = await startFleet(create, DEFAULT_POLICY);
    const one = createClient({ path: ["r1"], host: 1 });
    await fleet.announce(one, "started");
    const v6 = `\x20\x01${"\0".repeat(13)}\x01\x1a\xe1` as Announce["endpoint"];
    await fleet.store.announce({
      infoHash: INFO_HASH,
      announce: { ...announceOf(one), endpoint: v6 },
      terms: terms([]),
      now: fleet.now(),
    });
    expect((await fleet.views()).map(({ endpoints }) => endpoints.length)).toEqual([2]);
  });

  it("moves a host whose place becomes known to the end of its rack's line", async () => {
    const fleet = await startFleet(create, DEFAULT_POLICY);
    const known = rack("r1", 2);
    const stray = createClient({ path: ["unknown"], host: 77 });
    for (const client of [stray, ...known]) await fleet.announce(client, "started");
    await fleet.announce({ ...stray, path: ["r1"] });
    expect(await fleet.representatives()).toEqual(known.map(idOf));
  });

  it("counts seeders, leechers and completions as they are", async () => {
    const fleet = await startFleet(create, DEFAULT_POLICY);
    const clients = rack("r1", 3);
    for (const client of clients) await fleet.announce(client, "started");
    at(clients, 0).left = 0;
    await fleet.announce(at(clients, 0), "completed");
    expect(await fleet.store.scrape(INFO_HASH)).toEqual({ complete: 1, incomplete: 2, completions: 1 });
  });
}

/** What rtorrent comes back after when it wants nothing. */
const SEEDER_EVERY_MS = 300_000;
const ROUNDS = 150;
/** Late clients refuse one that came back for ten minutes, 300 rounds, whatever the tracker does. */
const ROUNDS_AFTER_RESTARTS = 1500;
const MIXES = { late: [true], prompt: [false], mixed: [true, false] };

function modelTests(create: StoreFactory, numRuns: number): void {
  for (const [mix, kinds] of Object.entries(MIXES)) {
    for (const policy of [DEFAULT_POLICY, THREE_LEVELS]) {
      const title = `${policy.levels.length} level(s), ${mix} clients`;
      it(`keeps caps and handouts legal whatever happens, and leaves nobody behind: ${title}`, async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 120 }), fc.integer(), async (steps, seed) =>
            runModel(create, policy, kinds, steps, seed),
          ),
          { numRuns },
        );
      });
    }
  }
}

const step = fc.record({
  who: fc.nat(11),
  what: fc.constantFrom(
    "start",
    "announce",
    "announce",
    "announce",
    "round",
    "round",
    "stop",
    "kill",
    "stall",
    "restart",
  ),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function runModel(create: StoreFactory, policy: SwarmPolicy, kinds: boolean[], steps: Step[], seed: number) {
  const fleet = await startFleet(create, policy, seed);
  const clients = Array.from({ length: 12 }, (_, index) =>
    createClient({ path: pathOf(policy, index), host: index + 1, late: kinds[index % kinds.length] ?? true }),
  );
  const origin = createClient({ path: policy.levels.map(() => "core"), host: 9000 });
  origin.left = 0;
  origin.running = true;
  fleet.origins = [origin];
  fleet.clients = [...clients, origin];
  await fleet.announce(origin, "started");
  for (const { who, what } of steps) await act(fleet, at(clients, who), what);
  for (const client of clients) fleet.stalled.delete(client);
  await settle(fleet, clients, fleet.restarts > 0 ? ROUNDS_AFTER_RESTARTS : ROUNDS);
  await fleet.store.close();
}

async function act(fleet: Fleet, client: Client, what: Step["what"]): Promise<void> {
  if (what === "round") return fleet.round();
  if (what === "start" || what === "restart") {
    if (client.running && what === "start") return;
    if (client.met.size > 0) fleet.restarts++;
    disconnect(client, fleet.clients, fleet.now());
    launch(client);
    client.running = true;
    await fleet.announceAndConnect(client, "started");
    return;
  }
  if (!client.running) return;
  if (what === "announce") await fleet.announceAndConnect(client);
  else if (what === "stall") fleet.stalled.add(client);
  else {
    client.running = false;
    disconnect(client, fleet.clients, fleet.now());
    if (what === "stop") await fleet.announce(client, "stopped");
  }
}

/** Every live leecher completes within a bounded number of its own announces. */
async function settle(fleet: Fleet, clients: readonly Client[], rounds: number): Promise<void> {
  const isDone = () => clients.every(({ running, left }) => !running || left === 0);
  for (let round = 0; round < rounds && !isDone(); round++) await fleet.round();
  const behind = clients.filter(({ running, left }) => running && left > 0);
  expect(behind.map(({ path, left }) => `${path.join("/")} lacks ${left}`)).toEqual([]);
}

interface Fleet {
  readonly store: SwarmStore;
  origins: Client[];
  clients: Client[];
  readonly stalled: Set<Client>;
  restarts: number;
  now(): number;
  wait(milliseconds: number): void;
  announce(client: Client, event?: Announce["event"]): Promise<readonly HandoutPeer[]>;
  announceAndConnect(client: Client, event?: Announce["event"]): Promise<void>;
  /** Everybody downloads for one announce gap, then announces. */
  round(): Promise<void>;
  views(): Promise<PeerView[]>;
  representatives(): Promise<string[]>;
}

async function startFleet(create: StoreFactory, policy: SwarmPolicy, seed = 1): Promise<Fleet> {
  const store = await create(policy, randomFrom(seed));
  let now = 1_700_000_000_000;
  const fleet: Fleet = {
    store,
    origins: [],
    clients: [],
    stalled: new Set(),
    restarts: 0,
    now: () => now,
    wait: (milliseconds) => void (now += milliseconds),
    async announce(client, event = "none") {
      client.announcedAt = now;
      const request = { infoHash: INFO_HASH, announce: announceOf(client, event), terms: terms(fleet.origins), now };
      const outcome = await store.announce(request);
      if (outcome.kind !== "accepted") throw new Error(outcome.reason);
      checkLegal(client, outcome.handout.peers(), await fleet.views(), policy);
      return outcome.handout.peers();
    },
    async announceAndConnect(client, event) {
      connect(client, await fleet.announce(client, event), fleet.clients, now);
    },
    async round() {
      for (const client of fleet.clients) {
        const before = client.left;
        if (!fleet.stalled.has(client)) progress(client, PAYLOAD / 12);
        const resting = client.left === 0 && before === 0 && now - client.announcedAt < SEEDER_EVERY_MS;
        if (!client.running || resting) continue;
        await fleet.announceAndConnect(client, client.left === 0 && before > 0 ? "completed" : "none");
      }
      now += EVERY_MS;
      await store.sweep(now);
    },
    views: async () => store.inspect(INFO_HASH, now),
    async representatives() {
      return (await fleet.views()).filter(({ role }) => role === "representative").map(({ peerId }) => peerId);
    },
  };
  return fleet;
}

/** Invariants 1, 2 and 4 of the design. */
function checkLegal(
  client: Client,
  peers: readonly HandoutPeer[],
  views: readonly PeerView[],
  policy: SwarmPolicy,
): void {
  checkCaps(views, policy);
  expect(peers.length).toBeLessThanOrEqual(policy.maxPeers);
  expect(new Set(peers.map(({ peerId }) => peerId)).size).toBe(peers.length);
  const self = views.find(({ peerId }) => peerId === idOf(client));
  for (const peer of peers) {
    const view = views.find(({ peerId }) => peerId === hex(peer.peerId));
    expect(view, "a handed-out peer is live").toBeDefined();
    if (self === undefined || view === undefined) continue;
    expect(view.peerId).not.toBe(self.peerId);
    expect(mayBeHanded(self, view, policy), `${JSON.stringify(self)} was handed ${JSON.stringify(view)}`).toBe(true);
  }
}

function mayBeHanded(self: PeerView, other: PeerView, { levels }: SwarmPolicy): boolean {
  if (self.seeder && other.seeder) return false;
  const shared = self.path.findIndex((name, depth) => name !== other.path[depth]);
  if (shared === -1) return true;
  const needed = levels.length - shared;
  const stands = (view: PeerView) => view.role === "origin" || view.representedLevels >= needed;
  const global = (view: PeerView) => view.role === "origin" || view.representedLevels === levels.length;
  if (self.role === "origin" || other.role === "origin") return global(self) && global(other);
  return stands(self) && stands(other);
}

/** In every group exactly the cap, or all its candidates where they are fewer. */
function checkCaps(views: readonly PeerView[], { levels }: SwarmPolicy): void {
  for (let level = 0; level < levels.length; level++) {
    const depth = levels.length - level;
    const groups = new Map<string, { candidates: Set<string>; representatives: number }>();
    for (const view of views) {
      if (view.role === "origin" || view.representedLevels < level) continue;
      const key = view.path.slice(0, depth).join("/");
      const group = groups.get(key) ?? { candidates: new Set(), representatives: 0 };
      group.candidates.add(view.address);
      if (view.representedLevels > level) group.representatives++;
      groups.set(key, group);
    }
    const cap = levels[depth - 1]?.maxRepresentatives ?? 0;
    for (const { candidates, representatives } of groups.values()) {
      expect(representatives).toBe(Math.min(cap, candidates.size));
    }
  }
}

function rack(name: string, hosts: number): Client[] {
  return Array.from({ length: hosts }, (_, index) => createClient({ path: [name], host: index + 1 }));
}

function pathOf(policy: SwarmPolicy, index: number): string[] {
  return policy.levels.map((_, depth) => `g${Math.floor((index * 2 ** depth) / 6)}`);
}

function idOf(client: Client): string {
  return hex(client.peerId);
}

function hex(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("hex");
}

function at(clients: readonly Client[], index: number): Client {
  const client = clients[index];
  if (client === undefined) throw new RangeError(`no client ${index}`);
  return client;
}

/** A small deterministic generator (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
