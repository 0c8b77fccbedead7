import { describe, expect, it } from "vitest";
import { type CompactEndpoint, type HostAddress, portOf } from "../../swarm/identifiers.ts";
import { findHostAddress, hostAddressText } from "../../wire/compact-address.ts";
import { createClientAddress, type ProxySettings } from "./client-address.ts";

const TRUSTED: ProxySettings = { trustedProxies: ["10.0.0.0/24", "fd00::/64"], proxyPass: false };

interface Clues {
  readonly socketAddress?: string | undefined;
  readonly forwardedFor?: string;
  readonly ip?: string;
  readonly ipv4?: string;
  readonly ipv6?: string;
}

function endpoints(given: Clues, settings: ProxySettings) {
  const { socketAddress, forwardedFor, ip, ipv4, ipv6 } = { socketAddress: "10.0.0.1", ...given };
  const socketHost = findHostAddress(socketAddress ?? "");
  return createClientAddress(settings).endpointsOf({ socketHost, forwardedFor }, 6881, { ip, ipv4, ipv6 });
}

function address(clues: Clues, settings = TRUSTED): string {
  const { host, endpoint } = endpoints(clues, settings);
  expect(endpoint.slice(0, -2)).toBe(host);
  return hostAddressText(host);
}

function text(endpoint: CompactEndpoint | undefined): string | undefined {
  return endpoint && `${hostAddressText(endpoint.slice(0, -2) as HostAddress)} ${portOf(endpoint)}`;
}

function both(clues: Clues, settings = TRUSTED): (string | undefined)[] {
  const { endpoint, otherEndpoint } = endpoints(clues, settings);
  return [text(endpoint), text(otherEndpoint)];
}

describe("the address of a client", () => {
  it("is the socket's, as IPv4 when it is mapped", () => {
    expect(address({ socketAddress: "192.0.2.7" })).toBe("192.0.2.7");
    expect(address({ socketAddress: "::ffff:192.0.2.7" })).toBe("192.0.2.7");
    expect(address({ socketAddress: "2001:DB8::7" })).toBe("2001:db8::7");
  });

  it("is the socket's when that is no trusted proxy, whatever else is said", () => {
    const clues = { socketAddress: "192.0.2.7", forwardedFor: "1.1.1.1", ip: "2.2.2.2" };
    expect(address(clues)).toBe("192.0.2.7");
    expect(address({ ...clues, socketAddress: "10.0.0.1" }, { trustedProxies: [], proxyPass: false })).toBe("10.0.0.1");
  });

  it("is the first untrusted hop of X-Forwarded-For from the right", () => {
    expect(address({ forwardedFor: "192.0.2.7" })).toBe("192.0.2.7");
    expect(address({ forwardedFor: "6.6.6.6, 192.0.2.7, 10.0.0.9" })).toBe("192.0.2.7");
    expect(address({ forwardedFor: "junk,192.0.2.7 , fd00::9" })).toBe("192.0.2.7");
    expect(address({ socketAddress: "::ffff:10.0.0.1", forwardedFor: "192.0.2.7" })).toBe("192.0.2.7");
  });

  it("is the farthest hop when all are trusted", () => {
    expect(address({ forwardedFor: "10.0.0.3, 10.0.0.2" })).toBe("10.0.0.3");
  });

  it("is read from hops that carry a port", () => {
    expect(address({ forwardedFor: "192.0.2.7:4711" })).toBe("192.0.2.7");
    expect(address({ forwardedFor: "[2001:db8::7]:4711" })).toBe("2001:db8::7");
  });

  it("is what ip= says only when the client itself is trusted", () => {
    expect(address({ ip: "192.0.2.7" })).toBe("192.0.2.7");
    expect(address({ ip: "6.6.6.6", forwardedFor: "192.0.2.7" })).toBe("192.0.2.7");
  });

  it("is of both families when a trusted client says so", () => {
    expect(both({ ipv6: "2001:db8::7" })).toEqual(["10.0.0.1 6881", "2001:db8::7 6881"]);
    expect(both({ ipv6: "[2001:db8::7]:99" })).toEqual(["10.0.0.1 6881", "2001:db8::7 99"]);
    expect(both({ ipv4: "192.0.2.7:98", ipv6: "[2001:db8::7]" })).toEqual(["192.0.2.7 98", "2001:db8::7 6881"]);
    expect(both({ socketAddress: "fd00::9", ipv4: "192.0.2.7" })).toEqual(["fd00::9 6881", "192.0.2.7 6881"]);
    expect(both({ ip: "fd01::1", ipv4: "192.0.2.7", ipv6: "fd01::2" })).toEqual(["fd01::1 6881", "192.0.2.7 6881"]);
  });

  it("is the socket's alone when anybody else claims another family", () => {
    const claims = { ipv4: "192.0.2.7", ipv6: "2001:db8::7" };
    expect(both({ ...claims, socketAddress: "192.0.2.1" })).toEqual(["192.0.2.1 6881", undefined]);
    expect(both({ ...claims, forwardedFor: "192.0.2.2" })).toEqual(["192.0.2.2 6881", undefined]);
    expect(both(claims, { trustedProxies: [], proxyPass: false })).toEqual(["10.0.0.1 6881", undefined]);
  });

  it("trusts loopback alone with PROXYPASS and no list", () => {
    const passing = { trustedProxies: [], proxyPass: true };
    expect(address({ socketAddress: "127.0.0.9", forwardedFor: "192.0.2.7" }, passing)).toBe("192.0.2.7");
    expect(address({ socketAddress: "::1", forwardedFor: "192.0.2.7" }, passing)).toBe("192.0.2.7");
    expect(address({ socketAddress: "10.0.0.1", forwardedFor: "192.0.2.7" }, passing)).toBe("10.0.0.1");
    const listed = { ...TRUSTED, proxyPass: true };
    expect(address({ socketAddress: "127.0.0.1", forwardedFor: "192.0.2.7" }, listed)).toBe("127.0.0.1");
  });

  it("is refused where a trusted sender names none", () => {
    expect(() => address({ forwardedFor: "unknown" })).toThrow(/^X-Forwarded-For names "unknown".*correct the proxy/);
    expect(() => address({ ip: "host.example" })).toThrow(/^ip is no IPv4 or IPv6 address/);
    expect(() => address({ ipv6: "192.0.2.7" })).toThrow(/^ipv6 is no address of its family/);
    expect(() => address({ ipv6: "[fd00::1]:0" })).toThrow(/^ipv6 is no address of its family/);
    expect(() => address({ ipv4: "host:1" })).toThrow(/^ipv4 is no IPv4/);
    expect(() => address({ socketAddress: undefined })).toThrow("no address");
  });
});
