// A server-management database that misbehaves during a deploy: no announce waits for it, and no rack has too many representatives.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { hostsOf, startTestSmdb, type TestSmdb } from "../support/reference-smdb.ts";
import { type FleetTracker, startTrackerFleet, type TrackerFleet } from "../support/tracker-fleet.ts";
import { PAYLOAD, torrent } from "./control-api-world.ts";

const TOPOLOGY_TIMEOUT_SECONDS = 0.5;
/** What a busy machine adds to the time-out of an announce; together they are less than the slow answer takes. */
const MARGIN_MS = 2000;
const SLOW_MS = 5000;
const CAP = 2;
const BREAKER = { closed: 0, open: 2 };

const hostsFrom = (first: number, count: number) =>
  ["1", "2"].flatMap((rack) => Array.from({ length: count }, (_, host) => `10.77.${rack}.${first + host}`));
/** Targets of the transfer; the others come unannounced, into the same two racks. */
const KNOWN = hostsFrom(1, 4);
const NEWCOMERS = hostsFrom(101, 6);
const STRANGER = "10.77.3.1";
const ALL = [...KNOWN, ...NEWCOMERS];
const rackOf = (host: string) => `rack${host.split(".")[2]}`;
const placedRight = (hosts: readonly string[]) => Object.fromEntries(hosts.map((host) => [host, rackOf(host)]));
const placedNowhere = Object.fromEntries(NEWCOMERS.map((host) => [host, "unknown"]));

const release = torrent("app-1.0");
let folder: string;
let smdb: TestSmdb;
let fleet: TrackerFleet;
let tracker: FleetTracker;
let caps: ReturnType<typeof watchCaps> | undefined;
afterEach(async () => {
  await caps?.close();
  caps = undefined;
  await fleet.close();
  await smdb.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(ttlSeconds: number): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), "rackcast-smdb-faults-"));
  smdb = await startTestSmdb(hostsOf(new Map(ALL.map((host) => [host, ["dc", "row", rackOf(host)]]))));
  const env = {
    STORE: "memory",
    DATA_DIR: join(folder, "data"),
    SMDB_URL: smdb.url,
    TOPOLOGY_TTL: `${ttlSeconds}`,
    TOPOLOGY_TIMEOUT: `${TOPOLOGY_TIMEOUT_SECONDS}`,
    MAX_REPR_RACK: `${CAP}`,
  };
  fleet = await startTrackerFleet(1, { env, topology: "192.0.2.0/24 elsewhere\n" });
  tracker = fleet.trackers[0]!;
  await fleet.publish(release);
}

async function activate(targets: readonly string[]): Promise<void> {
  const headers = { "content-type": "application/json" };
  const request = { method: "POST", headers, body: JSON.stringify({ targets }) };
  expect((await fetch(`${tracker.url}/transfers/${release.infoHash}/activate`, request)).status).toBe(200);
}

async function metric(name: string, labels: string): Promise<number> {
  const printed = await (await fetch(`${tracker.url}/metrics`)).text();
  const line = printed.split("\n").find((one) => one.startsWith(`rackcast_topology_${name}{${labels}} `));
  return Number(line?.split(" ").at(-1));
}

const lookups = (result: string) => metric("lookups_total", `resolver="rest",result="${result}"`);
const standIns = () => metric("cache_total", 'resolver="rest",outcome="stale"');
const breaker = () => metric("breaker_state", 'resolver="rest"');

interface Placement {
  readonly path: readonly string[] | null;
  readonly outcome: string;
  readonly cached: boolean;
}

async function placement(host: string): Promise<Placement> {
  return (await (await fetch(`${tracker.url}/topology/${host}`)).json()) as Placement;
}

/** All of them announce at once, and every one is answered in time. */
async function round(hosts: readonly string[]): Promise<void> {
  const peers = hosts.map((address) => ({ address, peerId: `-LT2080-${address.padEnd(12, "-")}`, left: PAYLOAD }));
  const replies = await Promise.all(peers.map((peer) => fleet.announce(tracker, release.infoHash, peer)));
  for (const { status, body, milliseconds } of replies) {
    expect(status).toBe(200);
    expect(body).toContain("8:interval");
    expect(milliseconds).toBeLessThan(TOPOLOGY_TIMEOUT_SECONDS * 1000 + MARGIN_MS);
  }
  expect((await fetch(`${tracker.url}/readyz`)).status).toBe(200);
}

interface SwarmHost {
  readonly address: string;
  readonly role: string;
  readonly rack: string;
}

async function swarm(): Promise<readonly SwarmHost[]> {
  const transfer = await fetch(`${tracker.url}/transfers/${release.infoHash}`);
  return ((await transfer.json()) as { hosts: readonly SwarmHost[] }).hosts;
}

async function racksOf(hosts: readonly string[]): Promise<Record<string, string>> {
  const inside = (await swarm()).filter(({ address }) => hosts.includes(address));
  return Object.fromEntries(inside.map(({ address, rack }) => [address, rack]));
}

/** Looks all the time whether every rack has the representatives it should: as many as its cap, or all of its hosts. */
function watchCaps() {
  const faults = new Set<string>();
  let looks = 0;
  let isOver = false;
  async function watch(): Promise<void> {
    for (; !isOver; looks++) {
      for (const [rack, inside] of Map.groupBy(await swarm(), (host) => host.rack)) {
        const standing = inside.filter(({ role }) => role === "representative").length;
        if (standing !== Math.min(CAP, inside.length)) faults.add(`${rack}: ${standing} of ${inside.length}`);
      }
      await delay(10);
    }
  }
  const watching = watch();
  return {
    async close() {
      isOver = true;
      await watching;
    },
    expectSound() {
      expect(looks).toBeGreaterThan(20);
      expect([...faults]).toEqual([]);
    },
  };
}

/** The targets are looked up by `activate` alone: nobody has announced, and no call has asked for them. */
async function activateTargets(): Promise<void> {
  await activate(KNOWN);
  await expect.poll(() => lookups("known"), { timeout: 10_000 }).toBe(KNOWN.length);
  for (const host of KNOWN) expect(await placement(host)).toMatchObject({ path: [rackOf(host)], cached: true });
  expect(await lookups("known")).toBe(KNOWN.length);
}

const again = { interval: 500, timeout: 40_000 };

describe("while the SMDB", () => {
  it.each([
    { does: "answers with 500s", faults: { status: 500 }, result: "failed" },
    { does: "answers garbage", faults: { garbage: true }, result: "failed" },
    { does: "does not answer", faults: { silence: true }, result: "timeout" },
  ])(
    "$does, announces are answered in time and known hosts stay; newcomers get to their racks afterwards",
    { timeout: 90_000 },
    async ({ faults, result }) => {
      await start(5);
      await activateTargets();
      smdb.setFaults(faults);
      caps = watchCaps();
      await expect.poll(() => round(ALL).then(breaker), again).toBe(BREAKER.open);
      expect(await lookups(result)).toBeGreaterThanOrEqual(5);
      expect(await placement(STRANGER)).toMatchObject({ outcome: "failed" });
      expect(await lookups("rejected")).toBeGreaterThan(0);
      // So long that what is known of the targets is beyond its time.
      await expect.poll(() => round(ALL).then(standIns), again).toBeGreaterThanOrEqual(KNOWN.length);
      expect(await racksOf(ALL)).toEqual({ ...placedRight(KNOWN), ...placedNowhere });

      smdb.setFaults({});
      await expect.poll(() => round(ALL).then(() => racksOf(ALL)), again).toEqual(placedRight(ALL));
      expect(await breaker()).toBe(BREAKER.closed);
      caps.expectSound();
    },
  );

  it("answers after 5 s, announces do not wait for it, and newcomers get to their racks when it does", async () => {
    await start(300);
    await activateTargets();
    smdb.setFaults({ delayMs: SLOW_MS });
    caps = watchCaps();
    const startedAt = performance.now();
    await round(ALL);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(TOPOLOGY_TIMEOUT_SECONDS * 1000 - 50);
    expect(await racksOf(ALL)).toEqual({ ...placedRight(KNOWN), ...placedNowhere });
    // One lookup for each, however often it announces meanwhile.
    await expect.poll(() => round(ALL).then(() => lookups("known")), again).toBe(ALL.length);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(SLOW_MS - 50);
    await round(ALL);
    expect(await racksOf(ALL)).toEqual(placedRight(ALL));
    expect(await breaker()).toBe(BREAKER.closed);
    caps.expectSound();
  }, 60_000);
});
