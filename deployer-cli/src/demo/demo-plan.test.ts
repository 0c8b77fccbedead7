import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { demoSpeeds, planDemo, uplinkSeconds } from "./demo-plan.ts";

describe("the demo's plan", () => {
  it("gives every host an address of its rack's subnet, and the origin one of none", () => {
    const { hosts, origin, racks, topology } = planDemo({ racks: 2, hosts: 2 });
    expect(racks.map(({ name }) => name)).toEqual(["rack1", "rack2"]);
    expect(hosts.map(({ address, rack }) => `${address} ${rack}`)).toEqual([
      "127.0.1.1 rack1",
      "127.0.1.2 rack1",
      "127.0.2.1 rack2",
      "127.0.2.2 rack2",
    ]);
    expect(origin.address).toBe("127.0.100.1");
    expect(topology).toBe("127.0.1.0/24 rack1\n127.0.2.0/24 rack2\n127.0.100.0/24 origin\n");
  });

  it("never gives two hosts one address", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 14 }), (racks, hosts) => {
        const plan = planDemo({ racks, hosts });
        const addresses = [plan.origin, ...plan.hosts].map(({ address }) => address);
        expect(new Set(addresses).size).toBe(racks * hosts + 1);
      }),
    );
  });

  it.each([
    [{ racks: 0, hosts: 4 }, /--racks/],
    [{ racks: 100, hosts: 1 }, /--racks/],
    [{ racks: 3, hosts: 251 }, /--hosts/],
    [{ racks: 1.5, hosts: 1 }, /--racks/],
    [{ racks: 20, hosts: 20 }, /fewer/],
  ])("refuses %j as a usage error", (shape, message) => {
    expect(() => planDemo(shape)).toThrow(
      expect.objectContaining({ code: "USAGE", message: expect.stringMatching(message) }),
    );
  });

  it("lets one copy into a rack take about as long whatever the size, within what a machine can do", () => {
    expect(demoSpeeds(64 * 2 ** 20, 3)).toEqual({
      uplinkMbps: 49,
      accessMbps: 196,
      receiveMbps: 196 / 3,
      originMbps: 588,
    });
    expect(uplinkSeconds(64 * 2 ** 20, demoSpeeds(64 * 2 ** 20, 3))).toBeCloseTo(11, 0);
    expect(uplinkSeconds(200 * 2 ** 20, demoSpeeds(200 * 2 ** 20, 3))).toBeCloseTo(11, 0);
    expect(demoSpeeds(1, 1).uplinkMbps).toBe(5);
    expect(demoSpeeds(2 ** 40, 1).uplinkMbps).toBe(200);
  });
});
