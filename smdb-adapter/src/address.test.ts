import fc from "fast-check";
import { isIPv4, isIPv6 } from "node:net";
import { describe, expect, it } from "vitest";
import { canonicalAddress, parseIpv4, parseIpv6 } from "./address.ts";
import { TopologyError } from "./errors.ts";

const ALMOST_ADDRESS = fc.string({ unit: fc.constantFrom(..."0123456789afFg.:%:0:"), maxLength: 42 });
const HEX_GROUP = fc.stringMatching(/^[0-9a-fA-F]{1,4}$/);
const ALMOST_IPV6 = fc
  .array(fc.oneof({ weight: 6, arbitrary: HEX_GROUP }, { weight: 2, arbitrary: fc.constantFrom("", "0", "1.2.3.4") }), {
    minLength: 1,
    maxLength: 9,
  })
  .map((groups) => groups.join(":"));

describe("parseIpv4", () => {
  it("takes exactly the texts that the platform takes for IPv4", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV4Extended(), ALMOST_ADDRESS), (text) => {
        expect(parseIpv4(text) >= 0).toBe(isIPv4(text));
      }),
      { numRuns: 2000 },
    );
  });

  it("reads the octets as an unsigned number, highest first", () => {
    expect(parseIpv4("1.2.3.4")).toBe(0x01020304);
    expect(parseIpv4("255.255.255.255")).toBe(0xffffffff);
  });

  it("refuses leading zeros, which other parsers read as octal", () => {
    expect(parseIpv4("10.0.0.010")).toBe(-1);
  });
});

describe("parseIpv6", () => {
  it("takes exactly the texts that the platform takes for IPv6 without a zone", () => {
    const words = new Uint32Array(4);
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), ALMOST_ADDRESS, ALMOST_IPV6), (text) => {
        expect(parseIpv6(text, words)).toBe(isIPv6(text) && !text.includes("%"));
      }),
      { numRuns: 5000 },
    );
  });
});

describe("canonicalAddress", () => {
  it("prints IPv6 as a URL's host is printed, which is RFC 5952", () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        fc.pre(!/^\[::ffff:[0-9a-f]+:[0-9a-f]+\]$/.test(new URL(`http://[${text}]/`).hostname));
        expect(`[${canonicalAddress(text)}]`).toBe(new URL(`http://[${text}]/`).hostname);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["10.77.1.5", "10.77.1.5"],
    ["::FFFF:10.77.1.5", "10.77.1.5"],
    ["::ffff:a4d:105", "10.77.1.5"],
    ["::1.2.3.4", "::102:304"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["0:0:0:0:0:0:0:0", "::"],
  ])("turns %s into %s", (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  it.each([
    "",
    "rack1",
    "10.0.0",
    "10.0.0.256",
    "010.0.0.1",
    "fe80::1%eth0",
    "[::1]",
    "10.0.0.1:80",
    " ::1",
    "1::2::3",
  ])("refuses %j and says what to write", (text) => {
    const attempt = () => canonicalAddress(text);
    expect(attempt).toThrow(TopologyError);
    expect(attempt).toThrow(/is not an IP address; write an IPv4 address/);
  });
});
