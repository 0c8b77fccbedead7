import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clientRate, overloadedLinks } from "./client-rate.ts";
import { estimate } from "./estimate.ts";
import { assembleFleet, numberedRacks } from "./fleet.ts";
import { makePlan } from "./plan.ts";
import type { PlanRequest } from "./plan-request.ts";
import { secondsBehindPuller, WIDTHS } from "./spreading.ts";
import { turnStarts } from "./turns.ts";

const MIB = 2 ** 20;

interface Lab {
  readonly payloadMiB?: number;
  readonly racks?: number;
  readonly hosts?: number;
  readonly uplink?: number;
  readonly access?: number;
  readonly origin?: number;
  readonly datacenters?: number;
  readonly datacenter?: number;
}

/** The netlab's shape: nothing but its links limits clients. */
function lab({ payloadMiB = 64, racks = 3, hosts = 5, datacenters = 0, ...links }: Lab): PlanRequest {
  const { uplink = 50, access = 200, origin = 200, datacenter } = links;
  const byName = new Map<string, number>();
  const datacenterLinks = datacenter === undefined ? undefined : { mbps: datacenter, byName };
  return {
    ...assembleFleet(numberedRacks({ racks, hosts, datacenters }), {
      uplinks: { mbps: uplink, byName },
      datacenterLinks,
    }),
    payloadBytes: payloadMiB * MIB,
    accessMbps: access,
    originMbps: origin,
    budget: 1,
    rackSlots: 2,
    datacenterSlots: 2,
    clientMbps: undefined,
  };
}

/** How far off an estimate may be: the runs of one scenario differ by more. */
const FACTOR = 1.25;

describe("the estimate of a run that was measured in the netlab", () => {
  // README, "What it costs", medians; the fourth is one run of `npm run netlab`.
  it.each<[string, Lab, number]>([
    ["all at once", {}, 15.2],
    ["one rack of 12", { racks: 1, hosts: 12 }, 16.7],
    ["origin's link is 50 Mbit/s too", { origin: 50 }, 26.1],
    ["256 MiB", { payloadMiB: 256 }, 56.8],
    ["6 racks of 2 behind an origin's 50 Mbit/s", { racks: 6, hosts: 2, origin: 50 }, 29.8],
    ["two datacenters", { racks: 4, hosts: 3, uplink: 100, datacenters: 2, datacenter: 50 }, 19.9],
  ])("is near what the last host took: %s", (_, shape, measured) => {
    const { totalSeconds } = estimate(lab(shape));
    expect(totalSeconds).toBeGreaterThan(measured / FACTOR);
    expect(totalSeconds).toBeLessThan(measured * FACTOR);
  });

  // `npm run netlab`, links of 25 Mbit/s, 48 MiB, one run each, the tracker told of an uplink that much narrower than hosts' links.
  it.each([
    [1, 4, 25, 85.5],
    [2, 4, 25, 60.4],
    [4, 4, 25, 75],
    [2, 4, 50, 33],
    [4, 4, 50, 39.1],
    [2, 11, 25, 83.8],
    [4, 11, 25, 89.9],
  ])(
    "is near it whatever the tracker is told of the links: %i times, %i mates, hosts' links of %i Mbit/s",
    (...run) => {
      const [width, mates, access, measured] = run;
      const seconds = (mbps: number) => (48 * MIB * 8) / (mbps * 1e6 * 0.945);
      const spread = { mates, pullSeconds: seconds(25), copySeconds: seconds(access) };
      const total = spread.pullSeconds + secondsBehindPuller(spread, width);
      expect(total).toBeGreaterThan(measured / FACTOR);
      expect(total).toBeLessThan(measured * FACTOR);
    },
  );

  it.each<[string, Lab, number, number]>([
    ["3 racks of 5", {}, 56.8, 5],
    ["one rack of 12", { racks: 1, hosts: 12 }, 124, 10.97],
  ])("is near what a topology-blind swarm took and sent: %s", (_, shape, seconds, copies) => {
    const { topologyBlindSwarm: blind } = makePlan(lab(shape));
    expect(blind.totalSeconds / seconds).toBeCloseTo(1, 0.5);
    expect(blind.mostCopiesIntoRack / copies).toBeCloseTo(1, 0.5);
  });
});

describe("the client's rate", () => {
  it("is that of the seed's racks: two slots of 100 Mbit/s are 20 % of an uplink of 1 Gbit/s", () => {
    const request = { ...lab({ uplink: 1000, access: 1000, origin: 1000 }), budget: 0.2 };
    expect(clientRate(request)).toBeCloseTo(100);
    expect(makePlan(request).settings.hosts.kiBps).toBe(12_207);
  });

  it("goes by the tightest link, and a rack of one host has one slot", () => {
    const byName = new Map([["rack1", 100]]);
    const fleetOf = (hosts: number) =>
      assembleFleet(
        new Map([
          ["rack1", hosts],
          ["rack2", 9],
        ]),
        { uplinks: { mbps: 1000, byName }, datacenterLinks: undefined },
      );
    const rateOf = (hosts: number) => clientRate({ ...lab({ access: 1000 }), ...fleetOf(hosts), budget: 0.5 });
    expect([rateOf(5), rateOf(1)]).toEqual([25, 50]);
  });

  it("never lets all slots of a group together take more than the budget of a link", () => {
    fc.assert(
      fc.property(requests(), (request) => {
        expect(overloadedLinks(request)).toEqual([]);
      }),
    );
  });
});

function requests(): fc.Arbitrary<PlanRequest> {
  const mbps = () => fc.integer({ min: 10, max: 10_000 });
  return fc
    .record({
      shape: fc.record({
        payloadMiB: fc.integer({ min: 1, max: 10_000 }),
        racks: fc.integer({ min: 1, max: 60 }),
        hosts: fc.integer({ min: 1, max: 60 }),
        datacenters: fc.constant(0),
      }),
      links: fc.record({ uplink: mbps(), access: mbps(), origin: mbps() }),
      slots: fc.integer({ min: 1, max: 4 }),
      budget: fc.integer({ min: 1, max: 99 }),
    })
    .map(({ shape, links, slots, budget }) => ({
      ...lab({ ...shape, ...links }),
      budget: budget / 100,
      rackSlots: slots,
    }));
}

describe("the estimate", () => {
  const secondsOf = (request: PlanRequest) => estimate(request).totalSeconds;

  it("is never below what the links allow", () => {
    fc.assert(
      fc.property(requests(), (request) => {
        const { payloadBytes, budget, accessMbps, originMbps, racks } = request;
        const slowest = Math.min(accessMbps, originMbps, ...racks.map(({ uplinkMbps }) => uplinkMbps));
        expect(secondsOf(request)).toBeGreaterThan((payloadBytes * 8) / (slowest * 1e6 * budget));
      }),
    );
  });

  it.each<[string, (request: PlanRequest, more: number) => PlanRequest]>([
    ["a larger payload", (request, more) => ({ ...request, payloadBytes: request.payloadBytes * more })],
    ["more hosts", (request, more) => withRacks(request, (rack) => ({ ...rack, hosts: Math.ceil(rack.hosts * more) }))],
    ["more racks", (request) => ({ ...request, racks: [...request.racks, { ...request.racks[0]!, name: "another" }] })],
    [
      "slower uplinks",
      (request, more) => withRacks(request, (rack) => ({ ...rack, uplinkMbps: rack.uplinkMbps / more })),
    ],
    ["slower hosts' links", (request, more) => ({ ...request, accessMbps: request.accessMbps / more })],
    ["a slower origin", (request, more) => ({ ...request, originMbps: request.originMbps / more })],
    ["a smaller budget", (request, more) => ({ ...request, budget: request.budget / more })],
  ])("is never less for %s", (_, worsened) => {
    fc.assert(
      fc.property(requests(), fc.double({ min: 1, max: 4, noNaN: true }), (request, more) => {
        expect(secondsOf(worsened(request, more))).toBeGreaterThanOrEqual(secondsOf(request) * (1 - 1e-9));
      }),
    );
  });

  it("is made for ten thousand racks in about the time for one", () => {
    expect(secondsOf({ ...lab({ racks: 10_000, hosts: 40 }), budget: 0.3 })).toBeGreaterThan(secondsOf(lab({})));
  }, 10_000);
});

function withRacks(
  request: PlanRequest,
  change: (rack: PlanRequest["racks"][number]) => PlanRequest["racks"][number],
): PlanRequest {
  return { ...request, racks: request.racks.map(change) };
}

describe("turns of racks", () => {
  it("come at once where the origin feeds all, and one after the other where it feeds one", () => {
    const turns = (fedByOrigin: number) =>
      turnStarts({ fedByOrigin, pullSeconds: [100, 100, 100], introductionSeconds: 2 });
    expect(turns(3)).toEqual([0, 0, 0]);
    expect(turns(1)).toEqual([0, 15, 30]);
  });
});

describe("fans", () => {
  it("of every width leave nobody waiting where nobody is", () => {
    for (const width of WIDTHS)
      expect(secondsBehindPuller({ mates: 0, pullSeconds: 9, copySeconds: 3 }, width)).toBe(0);
  });
});
