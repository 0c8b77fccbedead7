import { isIP, SocketAddress } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HostAddress } from "../swarm/identifiers.ts";
import { findHostAddress, hostAddressText, parseHostAddress } from "./compact-address.ts";
import { WireError } from "./errors.ts";

const host = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1") as HostAddress;
const v4Host = fc.uint8Array({ minLength: 4, maxLength: 4 }).map(host);
/** Zeros are likely, so that runs of them come in every place and length. */
const sparseByte = fc.oneof(fc.constant(0), fc.nat(255));
const v6Host = fc
  .array(sparseByte, { minLength: 16, maxLength: 16 })
  .map((bytes) => host(Uint8Array.from(bytes)))
  .filter((bytes) => !bytes.startsWith(`${"\0".repeat(10)}\xff\xff`));

describe("host addresses", () => {
  it("come back from text as they went in", () => {
    fc.assert(fc.property(fc.oneof(v4Host, v6Host), (bytes) => findHostAddress(hostAddressText(bytes)) === bytes));
  });

  it("are printed in the form of RFC 5952", () => {
    const cases = ["::", "::1", "1::", "fe80::1:0:0:1", "2001:db8:0:1:1:1:1:1", "2001:db8::1:0:0:1", "1:2:3:4:5:6:7:8"];
    for (const text of cases) expect(hostAddressText(parseHostAddress(text))).toBe(text);
    expect(hostAddressText(parseHostAddress("2001:0DB8:0:0:1:0:0:1"))).toBe("2001:db8::1:0:0:1");
    expect(hostAddressText(parseHostAddress("10.0.0.255"))).toBe("10.0.0.255");
  });

  it("are read from every spelling that the platform knows", () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const printed = hostAddressText(parseHostAddress(text));
        const family = isIP(printed) === 4 ? "ipv4" : "ipv6";
        const canonical = new SocketAddress({ address: printed, family }).address;
        const platform = new SocketAddress({ address: text, family: "ipv6" }).address;
        expect(hostAddressText(parseHostAddress(platform))).toBe(hostAddressText(parseHostAddress(canonical)));
      }),
    );
  });

  it("are IPv4 when they are IPv4 mapped into IPv6", () => {
    expect(parseHostAddress("::ffff:10.0.0.1")).toBe("\x0a\0\0\x01");
    expect(parseHostAddress("::FFFF:a00:1")).toBe("\x0a\0\0\x01");
  });

  it("lose their zone", () => {
    expect(parseHostAddress("fe80::1%eth0")).toBe(parseHostAddress("fe80::1"));
  });

  it("are found exactly where the platform finds one", () => {
    const nearly = fc.string({ unit: fc.constantFrom(..."0123456789af:.:."), maxLength: 24 });
    const leadingZero = /(^|[.:])0\d+\./;
    fc.assert(
      fc.property(fc.oneof(nearly, fc.ipV4(), fc.ipV6(), fc.ipV4Extended()), (text) => {
        fc.pre(!leadingZero.test(text));
        expect(findHostAddress(text) !== undefined).toBe(isIP(text) !== 0);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    "",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.2.3.4",
    "1.2.3.4 ",
    "1..2.3",
    ":::",
    "1::2::3",
    "g::",
    "::1.2.3",
  ])("are refused when they are %j", (text) => {
    expect(() => parseHostAddress(text)).toThrow(WireError);
  });
});
