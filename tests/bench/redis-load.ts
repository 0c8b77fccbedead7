// Announces into the Redis store as fast as they are answered, a fixed number in flight; tells the parent what came of it. A process of its own.
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { openRedis } from "../../tracker/src/redis/redis-connection.ts";
import { createRedisStore } from "../../tracker/src/store/redis/redis-store.ts";
import { compactEndpoint, type HostAddress, type InfoHash, type PeerId } from "../../tracker/src/swarm/identifiers.ts";
import { DEFAULT_POLICY } from "../../tracker/src/swarm/policy.ts";
import { findHostAddress, hostAddressText } from "../../tracker/src/wire/compact-address.ts";
import type { LoadReport } from "./redis.bench.ts";

const INFO_HASH = "0123456789abcdef0123456789abcdef01234567" as InfoHash;
const PEERS = 5000;
const RACKS = 50;
const IN_FLIGHT = 400;
const WARM_UP_MS = 2000;
const MEASURE_MS = 5000;
const PAYLOAD = 2 ** 30;
const TERMS = { origins: new Set<HostAddress>() };
const [, , url = "", prefix = "-LT2080-", index = "0", numwant = "50"] = process.argv;

const { hostname, port } = new URL(url);
const place = { kind: "single", address: { host: hostname, port: Number(port) }, database: 0 } as const;
const log = { info() {}, warn: (_details: object, message: string) => console.error(message) };
const connection = openRedis({ place, username: undefined, password: undefined, tls: undefined }, { log });
await connection.connected();
const store = createRedisStore({
  client: connection.client,
  policy: DEFAULT_POLICY,
  random: Math.random,
  codec: { text: hostAddressText, parse: findHostAddress },
  trackerName: `bench-${index}`,
  elapsed: () => performance.now(),
  explain: String,
  archive: async () => Promise.resolve(),
});

let next = Number(index) * 7919;
let isOver = false;
let answered = 0;
let latencies: number[] = [];
const workers = Array.from({ length: IN_FLIGHT }, async () => work());
await delay(WARM_UP_MS);
answered = 0;
latencies = [];
const [started, before] = [performance.now(), process.cpuUsage()];
await delay(MEASURE_MS);
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(before);
const report: LoadReport = { answered, seconds, latencies: [...latencies], processorSeconds: (user + system) / 1e6 };
isOver = true;
await Promise.all(workers);
await store.close();
await connection.close();
process.send?.(report);

async function work(): Promise<void> {
  while (!isOver) {
    const asked = performance.now();
    const request = { infoHash: INFO_HASH, announce: announceOf(next++ % PEERS), terms: TERMS, now: Date.now() };
    const outcome = await store.announce(request);
    if (outcome.kind !== "accepted") throw new Error(outcome.reason);
    answered++;
    latencies.push(performance.now() - asked);
  }
}

function announceOf(peer: number) {
  const host = String.fromCharCode(10, 0, peer >> 8, peer & 255) as HostAddress;
  const left = peer % 10 < 3 ? 0 : PAYLOAD / 2;
  return {
    peerId: (prefix + String(peer).padStart(12, "0")) as PeerId,
    key: "0a0b0c0d",
    endpoint: compactEndpoint(host, 6881),
    otherEndpoint: undefined,
    reach: "any" as const,
    path: [`rack${peer % RACKS}`],
    event: "none" as const,
    left,
    uploaded: 0,
    downloaded: PAYLOAD - left,
    numwant: Number(numwant),
  };
}
