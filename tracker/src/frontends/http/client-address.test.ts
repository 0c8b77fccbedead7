import { describe, expect, it } from "vitest";
import { hostAddressText } from "../../wire/compact-address.ts";
import { createClientAddress, type ProxySettings, type SenderClues } from "./client-address.ts";

const TRUSTED: ProxySettings = { trustedProxies: ["10.0.0.0/24", "fd00::/64"], proxyPass: false };

function address(clues: Partial<SenderClues>, settings = TRUSTED): string {
  const nothing = { socketAddress: "10.0.0.1", forwardedFor: undefined, claimedAddress: undefined };
  return hostAddressText(createClientAddress(settings)({ ...nothing, ...clues }));
}

describe("the address of a client", () => {
  it("is the socket's, as IPv4 when it is mapped", () => {
    expect(address({ socketAddress: "192.0.2.7" })).toBe("192.0.2.7");
    expect(address({ socketAddress: "::ffff:192.0.2.7" })).toBe("192.0.2.7");
    expect(address({ socketAddress: "2001:DB8::7" })).toBe("2001:db8::7");
  });

  it("is the socket's when that is no trusted proxy, whatever else is said", () => {
    const clues = { socketAddress: "192.0.2.7", forwardedFor: "1.1.1.1", claimedAddress: "2.2.2.2" };
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
    expect(address({ claimedAddress: "192.0.2.7" })).toBe("192.0.2.7");
    expect(address({ claimedAddress: "6.6.6.6", forwardedFor: "192.0.2.7" })).toBe("192.0.2.7");
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
    expect(() => address({ claimedAddress: "host.example" })).toThrow(/^ip is no IPv4 or IPv6 address/);
    expect(() => address({ socketAddress: undefined })).toThrow("no address");
  });
});
