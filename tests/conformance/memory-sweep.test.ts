// How the memory store cleans up: bounded work a call, and nothing left of swarms that nobody is in, on disk neither.
import { mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createMemoryStore, type MemoryStore } from "../../tracker/src/store/memory-store.ts";
import { openSnapshots } from "../../tracker/src/store/snapshots.ts";
import type { AnnounceEvent } from "../../tracker/src/swarm/announce.ts";
import type { InfoHash } from "../../tracker/src/swarm/identifiers.ts";
import { DEFAULT_POLICY } from "../../tracker/src/swarm/policy.ts";
import { hostAddressText } from "../../tracker/src/wire/compact-address.ts";
import { announceOf, createClient, terms } from "./swarm-world.ts";

const NOW = 1_700_000_000_000;
const A_DAY_MS = 86_400_000;
const AT_A_TIME = 20_000;
const ONE = swarmOf(0);

let folder: string;
let store: MemoryStore;
let rows: DatabaseSync;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rackcast-sweep-"));
  const file = join(folder, "swarms.sqlite");
  const parts = { policy: DEFAULT_POLICY, random: () => 0.5, addressText: hostAddressText };
  store = createMemoryStore({ ...parts, snapshots: openSnapshots(file) }, NOW);
  rows = new DatabaseSync(file);
});
afterEach(async () => {
  rows.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

function swarmOf(number: number): InfoHash {
  return number.toString(16).padStart(40, "0") as InfoHash;
}

function announce(infoHash: InfoHash, host: number, event?: AnnounceEvent, left = 1): void {
  const client = createClient({ path: [`r${host % 97}`], host });
  client.left = left;
  void store.announce({ infoHash, announce: announceOf(client, event), terms: terms([]), now: NOW });
}

function savedSwarms(): number {
  return Number(rows.prepare("SELECT count(*) AS swarms FROM swarms").get()?.["swarms"]);
}

/** How many peers went with each call, until a call finds none. */
async function sweepAll(now: number): Promise<number[]> {
  const removed: number[] = [];
  do removed.push(await store.sweep(now));
  while (removed.at(-1) !== 0 && removed.length < 100);
  return removed;
}

it("removes the peers of a large swarm over several calls, goes on where it was, and forgets the swarm", async () => {
  const count = 2.5 * AT_A_TIME;
  for (let host = 0; host < count; host++) announce(ONE, host);
  store.save(NOW);
  expect([await store.scrape(ONE), savedSwarms()]).toMatchObject([{ incomplete: count }, 1]);
  expect(await sweepAll(NOW + 1000)).toEqual([0]);
  const removed = await sweepAll(NOW + A_DAY_MS);
  expect(removed.reduce((sum, each) => sum + each)).toBe(count);
  expect(Math.max(...removed)).toBeLessThanOrEqual(AT_A_TIME);
  expect(await store.scrape(ONE)).toMatchObject({ incomplete: 0 });
  for (let call = 0; call < 3; call++) await store.sweep(NOW + A_DAY_MS);
  store.save(NOW + A_DAY_MS);
  expect(savedSwarms()).toBe(0);
});

it("looks at a bounded number of swarms a call, too, when nobody is in them", async () => {
  const count = 1.25 * AT_A_TIME;
  for (let number = 0; number < count; number++) announce(swarmOf(number), 1, "stopped");
  store.save(NOW);
  await store.sweep(NOW);
  store.save(NOW);
  expect(savedSwarms()).toBeGreaterThanOrEqual(count - AT_A_TIME);
  await store.sweep(NOW);
  store.save(NOW);
  expect(savedSwarms()).toBe(0);
});

it("keeps how often a swarm was completed, though nobody is in it any more", async () => {
  announce(ONE, 1);
  announce(ONE, 1, "completed", 0);
  const { completions } = await store.scrape(ONE);
  await sweepAll(NOW + A_DAY_MS);
  await store.sweep(NOW + A_DAY_MS);
  expect(completions).toBe(1);
  expect(await store.scrape(ONE)).toEqual({ complete: 0, incomplete: 0, completions });
});
