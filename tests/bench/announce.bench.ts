// What one announce costs in the memory store, policy included, and what a peer of a swarm weighs.
import { createMemoryStore } from "../../tracker/src/store/memory-store.ts";
import type { SwarmStore } from "../../tracker/src/store/swarm-store.ts";
import type { Announce } from "../../tracker/src/swarm/announce.ts";
import { compactEndpoint, type HostAddress, type InfoHash, type PeerId } from "../../tracker/src/swarm/identifiers.ts";
import { DEFAULT_POLICY } from "../../tracker/src/swarm/policy.ts";
import { hostAddressText } from "../../tracker/src/wire/compact-address.ts";
import { usedBytes } from "./used-bytes.ts";

export interface AnnounceMeasure {
  readonly peers: number;
  readonly bytesPerPeer: number;
  /** One announce of a peer that is in the swarm already, in microseconds; times the median, and all runs. */
  readonly runs: readonly number[];
}

const INFO_HASH = "0123456789abcdef0123456789abcdef01234567" as InfoHash;
const PAYLOAD = 2 ** 30;
const HOSTS_PER_RACK = 40;
const SEEDERS_OF_TEN = 3;
const ANNOUNCES = 20_000;
const RUNS = 3;
/** How much time passes in the swarm from one announce to the next. */
const STEP_MS = 0.1;

export type PeerIdPrefix = "-LT2080-" | "-lt0D80-";

/** Swarms of all the sizes live side by side, and take turns. */
export function measureAnnounces(prefix: PeerIdPrefix, sizes: readonly number[]): AnnounceMeasure[] {
  const swarms = sizes.map((peers) => {
    const before = usedBytes();
    const swarm = fill(prefix, peers);
    return { peers, swarm, bytesPerPeer: (usedBytes() - before) / peers, runs: [] as number[] };
  });
  for (const { swarm, peers } of swarms) announceAll(swarm, sample(prefix, peers));
  for (let run = 0; run < RUNS; run++) {
    for (const { swarm, peers, runs } of swarms) runs.push(announceAll(swarm, sample(prefix, peers)));
  }
  return swarms.map(({ peers, bytesPerPeer, runs }) => ({ peers, bytesPerPeer, runs }));
}

interface Filled {
  readonly store: SwarmStore;
  now: number;
}

/** Nobody is told of anybody yet, so that what is weighed is peers alone. */
function fill(prefix: PeerIdPrefix, peers: number): Filled {
  const filled: Filled = { store: createStore(), now: 1_700_000_000_000 };
  for (let index = 0; index < peers; index++)
    announceOne(filled, { ...announceOf(prefix, index, "started"), numwant: 0 });
  return filled;
}

function createStore(): SwarmStore {
  return createMemoryStore({ policy: DEFAULT_POLICY, random: Math.random, addressText: hostAddressText }, 0);
}

/** Peers all over the swarm, made beforehand: parsing is not what is measured. */
function sample(prefix: PeerIdPrefix, peers: number): Announce[] {
  return Array.from({ length: ANNOUNCES }, () => announceOf(prefix, Math.floor(Math.random() * peers), "none"));
}

function announceAll(filled: Filled, announces: readonly Announce[]): number {
  const start = performance.now();
  for (const announce of announces) announceOne(filled, announce);
  return ((performance.now() - start) * 1000) / announces.length;
}

const TERMS = { origins: new Set<HostAddress>() };

function announceOne(filled: Filled, announce: Announce): void {
  filled.now += STEP_MS;
  const outcome = filled.store.announce({ infoHash: INFO_HASH, announce, terms: TERMS, now: Math.floor(filled.now) });
  if (outcome instanceof Promise || outcome.kind !== "accepted") throw new Error("an announce was not accepted");
}

function announceOf(prefix: PeerIdPrefix, index: number, event: "started" | "none"): Announce {
  const host = String.fromCharCode(10, (index >> 16) & 255, (index >> 8) & 255, index & 255) as HostAddress;
  const left = index % 10 < SEEDERS_OF_TEN ? 0 : PAYLOAD / 2;
  return {
    peerId: (prefix + String(index).padStart(12, "0")) as PeerId,
    key: "0a0b0c0d",
    endpoint: compactEndpoint(host, 6881),
    otherEndpoint: undefined,
    reach: "any",
    path: [`rack${Math.floor(index / HOSTS_PER_RACK)}`],
    event,
    left,
    uploaded: 0,
    downloaded: PAYLOAD - left,
    numwant: 50,
  };
}
