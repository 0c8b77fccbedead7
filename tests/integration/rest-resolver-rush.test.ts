// A service that is sound and takes its time, before a whole fleet that announces for the first time.
import { readResolverDefinitions, startChain, type TopologyChain } from "@rackcast/smdb-adapter";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hostsOf, startTestSmdb, type TestSmdb } from "../support/reference-smdb.ts";

const HOSTS = Array.from({ length: 1000 }, (_, host) => `10.77.${host >> 8}.${host & 255}`);
const DELAY_MS = 200;
const TIMEOUT_SECONDS = 2;
const CONNECTIONS = 64;

let smdb: TestSmdb;
let chain: TopologyChain;
beforeEach(async () => {
  smdb = await startTestSmdb(hostsOf(new Map(HOSTS.map((host) => [host, ["dc", "row", "rack1"]]))));
  smdb.setFaults({ delayMs: DELAY_MS });
  const value = { type: "rest", url: smdb.url, timeout: TIMEOUT_SECONDS, connections: CONNECTIONS };
  const { definitions } = readResolverDefinitions([{ source: "test", value }]);
  const times = { ttlSeconds: 60, negativeTtlSeconds: 10, waitMs: 100, now: () => performance.now() };
  chain = await startChain({ definitions, levels: ["rack"], ...times, onEvent: () => {} });
});
afterEach(async () => {
  await chain.close();
  await smdb.close();
});

describe("a service of 200 ms that a thousand hosts are looked up at, all at once", () => {
  it("is not taken for failed, and every host is found", { timeout: 60_000 }, async () => {
    const [rest] = chain.links;
    await Promise.all(HOSTS.map(async (host) => chain.prefetch(host)));
    expect(rest?.counts).toMatchObject({ failed: 0, timeout: 0, rejected: 0 });
    // More than the service can answer in the time that each of them may take.
    expect(HOSTS.length * DELAY_MS).toBeGreaterThan(CONNECTIONS * TIMEOUT_SECONDS * 1000);
    expect(rest?.counts.late).toBeGreaterThan(0);
    const known = async () => (await Promise.all(HOSTS.map(async (host) => chain.locate(host)))).filter(Boolean);
    await expect.poll(known, { timeout: 30_000, interval: 200 }).toHaveLength(HOSTS.length);
    expect(rest?.counts).toMatchObject({ known: HOSTS.length, failed: 0, timeout: 0, rejected: 0 });
    expect(rest?.breakerState).toBe("closed");
  });
});
