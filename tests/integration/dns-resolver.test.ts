// The DNS resolver and a real DNS server, in what the conformance suite does not ask: long answers, aliases, and outages.
import { dnsKind } from "@rackcast/smdb-adapter";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DnsServer, startDnsServer } from "../support/dns-server.ts";
import { startKind } from "../support/start-kind.ts";

const PATTERN = String.raw`\.(?<rack>[^.]+)\.example\.$`;
const LONG = Array.from({ length: 20 }, (_, index) => `web3.example. TXT "note${index}=${"x".repeat(200)}"`);

let server: DnsServer;
beforeAll(async () => {
  server = await startDnsServer(
    new Map([
      [
        "in-addr.arpa",
        [
          "5.1.77.10 PTR web1.rack1.example.",
          // RFC 2317: the customer of a block smaller than a /24 names its hosts elsewhere.
          "6.1.77.10 30 CNAME 6.0/25.1.77.10.in-addr.arpa.",
          "6.0/25.1.77.10 PTR web2.rack2.example.",
          "7.1.77.10 PTR web3.example.",
          "8.1.77.10 CNAME 8.customer.test.",
        ],
      ],
      ["example", [...LONG, 'web3.example. TXT "rack=rack3"']],
    ]),
  );
});
afterAll(async () => server.close());

async function locate(address: string, settings: Partial<Parameters<typeof dnsKind.start>[0]>, timeoutMs?: number) {
  const start = { levels: ["rack"], ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  const resolver = await startKind(dnsKind, { servers: [server.address], ...settings }, start);
  try {
    return await resolver.locate(address);
  } finally {
    await resolver.close();
  }
}

describe("dns resolver with knot", () => {
  it("gets an answer over TCP that does not fit into a datagram", async () => {
    expect(await locate("10.77.1.7", { records: ["txt"] })).toMatchObject({ path: ["rack3"], validSeconds: 300 });
  });

  it("follows the alias of a reverse name, and heeds its time", async () => {
    expect(await locate("10.77.1.6", { pattern: PATTERN })).toMatchObject({ path: ["rack2"], validSeconds: 30 });
  });

  it("fails on an alias into a zone that the server refuses to speak of", async () => {
    await expect(locate("10.77.1.8", { pattern: PATTERN })).rejects.toThrow(`${server.address} answered REFUSED`);
  });

  it("fails while the server is silent, and answers again afterwards", async () => {
    await server.pause();
    try {
      await expect(locate("10.77.1.5", { pattern: PATTERN }, 300)).rejects.toThrow("did not answer within");
    } finally {
      server.resume();
    }
    expect(await locate("10.77.1.5", { pattern: PATTERN })).toMatchObject({ path: ["rack1"] });
  });

  it("fails when the server is gone", async () => {
    const gone = await startDnsServer(new Map([["in-addr.arpa", []]]));
    await gone.close();
    await expect(locate("10.77.1.5", { servers: [gone.address], pattern: PATTERN })).rejects.toMatchObject({
      code: "RESOLVER_FAILED",
      message: expect.stringContaining(`${gone.address} failed with ECONNREFUSED`),
    });
  });
});
