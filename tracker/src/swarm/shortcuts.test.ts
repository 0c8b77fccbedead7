// The quick ways of a handout say what the long ones would: held on swarms in the midst of transfers.
import fc from "fast-check";
import { expect, it } from "vitest";
import { isActive } from "./activity.ts";
import type { Announce } from "./announce.ts";
import type { Group } from "./group.ts";
import { HandoutBuffer } from "./handout-buffer.ts";
import { compactEndpoint, type HostAddress, type PeerId } from "./identifiers.ts";
import { introductionOfLate } from "./introduction/choice.ts";
import { isGone } from "./life.ts";
import { isLull } from "./introduction/lull.ts";
import { mayMeet, tell } from "./pair.ts";
import { COMPLETE, DUAL, FED, LATE, V6 } from "./peer-table.ts";
import { DEFAULT_POLICY, type SwarmPolicy } from "./policy.ts";
import { receive } from "./reception.ts";
import { Swarm } from "./swarm.ts";
import { isUnbound } from "./unbound.ts";

const PAYLOAD = 1000;
const HOSTS = 12;
const START = 1_700_000_000_000;

const step = fc.record({
  host: fc.nat(HOSTS - 1),
  progress: fc.nat(300),
  gapMs: fc.nat(1500),
  quiet: fc.boolean(),
});
const fleet = fc.record({
  steps: fc.array(step, { minLength: 20, maxLength: 200 }),
  lateOf: fc.array(fc.boolean(), { minLength: HOSTS, maxLength: HOSTS }),
  introduction: fc.constantFrom("auto", "fan", "late", "plain"),
  racks: fc.integer({ min: 1, max: 3 }),
});

interface Fleet {
  readonly steps: readonly { host: number; progress: number; gapMs: number; quiet: boolean }[];
  readonly lateOf: readonly boolean[];
  readonly introduction: SwarmPolicy["introduction"];
  readonly racks: number;
}

/** Lets the fleet announce, and looks at the swarm after every announce. */
function play({ steps, lateOf, introduction, racks }: Fleet, look: (swarm: Swarm, slot: number, now: number) => void) {
  const swarm = new Swarm({ ...DEFAULT_POLICY, introduction, links: { uplink: 1, access: 4, origin: 4 } });
  const left: number[] = Array.from({ length: HOSTS }, (_, host) => (host === 0 ? 0 : PAYLOAD));
  const handout = new HandoutBuffer();
  let now = START;
  for (const { host, progress, gapMs, quiet } of steps) {
    now += gapMs;
    left[host] = Math.max(0, (left[host] ?? 0) - (quiet ? 0 : progress));
    const announce = announceOf(host, left[host] ?? 0, lateOf[host] === true, `rack${host % racks}`);
    receive(swarm, { announce, terms: { origins: new Set([hostOf(0)]) }, now, random: () => 0.3 }, handout);
    for (let slot = 0; slot < swarm.table.top; slot++) {
      swarm.announcer = slot;
      swarm.changes++;
      look(swarm, slot, now);
    }
  }
}

function hostOf(host: number): HostAddress {
  return String.fromCharCode(10, 0, 0, host) as HostAddress;
}

function announceOf(host: number, left: number, late: boolean, rack: string): Announce {
  return {
    peerId: `${late ? "-lt0D80-" : "-LT2080-"}${String(host).padStart(12, "0")}` as PeerId,
    key: "",
    endpoint: compactEndpoint(hostOf(host), 6881),
    otherEndpoint: undefined,
    reach: "any",
    path: [rack],
    event: "none",
    left,
    uploaded: 0,
    downloaded: PAYLOAD - left,
    numwant: undefined,
  };
}

function circlesOf(swarm: Swarm, slot: number): readonly Group[] {
  return swarm.table.rackOf(slot)?.chain ?? [];
}

it("takes a late client for settled only when it meets no incomplete late one", () => {
  let settled = 0;
  fc.assert(
    fc.property(fleet, (given) =>
      play(given, (swarm, slot, now) => {
        if (!swarm.table.isLate(slot)) return;
        for (const circle of circlesOf(swarm, slot)) {
          const scene = { swarm, circle, now };
          if (!introductionOfLate(swarm.policy).isSettled(scene, slot)) continue;
          settled++;
          const mates = [...circle.incomplete].filter((other) => swarm.table.isLate(other));
          for (const other of mates) expect(mayMeet(scene, slot, other)).toBe(false);
        }
      }),
    ),
    { numRuns: 60 },
  );
  expect(settled).toBeGreaterThan(100);
});

it("takes a rack for quiet only when the peer meets nobody in it", () => {
  const quiet = { complete: 0, incomplete: 0 };
  fc.assert(
    fc.property(fleet, (given) =>
      play(given, (swarm, slot, now) => {
        const { table } = swarm;
        const circle = table.rackOf(slot);
        if (circle === undefined || !table.isLate(slot) || !isLull(swarm, slot, now)) return;
        quiet[table.isComplete(slot) ? "complete" : "incomplete"] += Math.sign(circle.population - 1);
        for (const mates of [circle.complete, circle.incomplete])
          for (const other of mates) expect(mayMeet({ swarm, circle, now }, slot, other)).toBe(false);
      }),
    ),
    { numRuns: 200 },
  );
  expect(quiet.complete).toBeGreaterThan(100);
  expect(quiet.incomplete).toBeGreaterThan(100);
});

it("takes for unbound only those who may meet, and whom telling changes nothing about", () => {
  let unbound = 0;
  fc.assert(
    fc.property(fleet, (given) =>
      play(given, (swarm, slot, now) => {
        const { table } = swarm;
        const rack = table.rackOf(slot);
        const round = { swarm, slot, want: 50, reach: "any", now, random: Math.random, handout: new HandoutBuffer() };
        if (rack === undefined || !isUnbound({ ...round, reach: "any" })) return;
        for (const other of table.isComplete(slot) ? rack.incomplete : [...rack.complete, ...rack.incomplete]) {
          const marks = table.marksOf(other);
          const isMate = (marks & (LATE | V6 | DUAL)) === 0 && (marks & (FED | COMPLETE)) !== 0;
          if (!isMate || other === slot || isGone(swarm, other, now)) continue;
          unbound++;
          expect(mayMeet({ swarm, circle: rack, now }, slot, other)).toBe(true);
          const before = swarm.changes;
          tell(swarm, slot, other, now);
          expect(swarm.changes).toBe(before);
        }
      }),
    ),
    { numRuns: 60 },
  );
  expect(unbound).toBeGreaterThan(100);
});

it("leaves out of a wider circle only those who stand by", () => {
  let standing = 0;
  fc.assert(
    fc.property(fleet, (given) =>
      play(given, (swarm, _slot, now) => {
        const { datacenter, table } = swarm;
        for (const other of datacenter.standingBy) {
          standing++;
          const home = table.rackOf(other) as Group;
          expect(isActive(swarm, other, home, now)).toBe(false);
          expect(home.representatives).toContain(other);
        }
        for (const other of datacenter.incomplete) expect(table.rackOf(other)?.complete.size).toBe(0);
        const racks = [...(datacenter.children?.values() ?? [])];
        expect(datacenter.population).toBe(racks.flatMap(({ representatives }) => representatives).length);
      }),
    ),
    { numRuns: 60 },
  );
  expect(standing).toBeGreaterThan(100);
});
