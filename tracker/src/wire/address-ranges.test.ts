import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAddressRanges } from "./address-ranges.ts";
import { parseHostAddress } from "./compact-address.ts";

const includes = (cidrs: string[], address: string) => createAddressRanges(cidrs).includes(parseHostAddress(address));

describe("address ranges", () => {
  it("hold what the platform's block list holds", () => {
    const v4 = fc.tuple(fc.ipV4(), fc.ipV4(), fc.integer({ min: 1, max: 32 }), fc.constant("ipv4" as const));
    const v6 = fc.tuple(fc.ipV6(), fc.ipV6(), fc.integer({ min: 1, max: 128 }), fc.constant("ipv6" as const));
    fc.assert(
      fc.property(fc.oneof(v4, v6), fc.boolean(), ([base, other, prefix, family], same) => {
        const address = same ? base : other;
        fc.pre(!address.startsWith("::") && !base.startsWith("::") && isIP(address) !== 0);
        const oracle = new BlockList();
        oracle.addSubnet(base, prefix, family);
        expect(includes([`${base}/${prefix}`], address)).toBe(oracle.check(address, family));
      }),
      { numRuns: 1000 },
    );
  });

  it("end where their prefix ends", () => {
    expect(includes(["10.77.0.0/15"], "10.76.255.255")).toBe(true);
    expect(includes(["10.77.0.0/15"], "10.78.0.0")).toBe(false);
    expect(includes(["fd00::/9"], "fd7f:ffff::")).toBe(true);
    expect(includes(["fd00::/9"], "fd80::")).toBe(false);
    expect(includes(["0.0.0.0/0"], "1.2.3.4")).toBe(true);
    expect(includes(["0.0.0.0/0"], "::1")).toBe(false);
    expect(includes(["10.0.0.1", "::1"], "::1")).toBe(true);
    expect(includes([], "::1")).toBe(false);
  });

  it.each(["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/08", "10.0/8", "fd00::/129", "rack1", ""])(
    "refuse %j, by its name",
    (cidr) => {
      expect(() => createAddressRanges([cidr])).toThrow(`${JSON.stringify(cidr)} is no address range`);
    },
  );
});
