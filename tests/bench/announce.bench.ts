// What one announce costs in the memory store, policy included, in the midst of a transfer; and what a peer of a swarm weighs.
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
  /** One announce of a peer that is in the swarm already, in microseconds of processor time; times the median, and all runs. */
  readonly runs: readonly number[];
}

const INFO_HASH = "0123456789abcdef0123456789abcdef01234567" as InfoHash;
const PAYLOAD = 2 ** 30;
const HOSTS_PER_RACK = 40;
const SEEDERS_OF_TEN = 3;
/** What a leecher gets from one of its announces to the next. */
const PROGRESS = PAYLOAD / 100_000;
/** At least so many announces a run: small swarms are gone round several times. */
const ANNOUNCES = 50_000;
const RUNS = 3;
const WARM_UPS = 2;
const START = 1_700_000_000_000;

export type PeerIdPrefix = "-LT2080-" | "-lt0D80-";

/** Seconds between the announces of a client. */
const EVERY_SECONDS = { "-LT2080-": 15, "-lt0D80-": 2 } as const;

/** Swarms of all the sizes live side by side, and take turns. */
export function measureAnnounces(prefix: PeerIdPrefix, sizes: readonly number[]): AnnounceMeasure[] {
  // What is compiled, and what a process sets up once, is no peer's weight.
  for (let run = 0; run < WARM_UPS; run++) runRounds(prefix, fill(prefix, sizes[0] ?? 0));
  const fleets = sizes.map((peers) => {
    const before = usedBytes();
    const fleet = fill(prefix, peers);
    const bytesPerPeer = (usedBytes() - before - fleet.order.byteLength) / peers;
    return { peers, fleet, bytesPerPeer, runs: [] as number[] };
  });
  for (const { fleet } of fleets) runRounds(prefix, fleet);
  for (let run = 0; run < RUNS; run++) {
    for (const { fleet, runs } of fleets) runs.push(runRounds(prefix, fleet));
  }
  return fleets.map(({ peers, bytesPerPeer, runs }) => ({ peers, bytesPerPeer, runs }));
}

interface Fleet {
  readonly store: SwarmStore;
  /** Peers in the order they announce in: hosts of a rack do not follow each other. */
  readonly order: Uint32Array;
  now: number;
  /** How often everybody announced. */
  rounds: number;
}

/** Nobody is told of anybody yet, so that what is weighed is peers alone. */
function fill(prefix: PeerIdPrefix, peers: number): Fleet {
  const fleet: Fleet = { store: createStore(), order: shuffled(peers), now: START, rounds: 0 };
  announceAll(prefix, fleet, (index) => ({ ...announceOf(prefix, index, 0), event: "started", numwant: 0 }));
  return fleet;
}

function createStore(): SwarmStore {
  return createMemoryStore({ policy: DEFAULT_POLICY, random: Math.random, addressText: hostAddressText }, 0);
}

function shuffled(peers: number): Uint32Array {
  const order = Uint32Array.from({ length: peers }, (_, index) => index);
  for (let at = peers - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1));
    [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
  }
  return order;
}

/** Everybody announces once, or several times in a small swarm. Microseconds of processor time an announce. */
function runRounds(prefix: PeerIdPrefix, fleet: Fleet): number {
  let microseconds = 0;
  let count = 0;
  while (count < ANNOUNCES) {
    fleet.rounds++;
    microseconds += announceAll(prefix, fleet, (index) => announceOf(prefix, index, fleet.rounds));
    count += fleet.order.length;
  }
  return microseconds / count;
}

/** One declared origin, the first host. */
const TERMS = { origins: new Set([hostOf(0)]) };
const MADE_AT_A_TIME = 1000;

/** Announces are made beforehand, some at a time: parsing is not what is measured. */
function announceAll(prefix: PeerIdPrefix, fleet: Fleet, make: (index: number) => Announce): number {
  const { store, order } = fleet;
  const stepMs = (EVERY_SECONDS[prefix] * 1000) / order.length;
  let microseconds = 0;
  for (let from = 0; from < order.length; from += MADE_AT_A_TIME) {
    const announces = Array.from(order.subarray(from, from + MADE_AT_A_TIME), make);
    const before = process.cpuUsage();
    for (const announce of announces) {
      fleet.now += stepMs;
      const outcome = store.announce({ infoHash: INFO_HASH, announce, terms: TERMS, now: Math.floor(fleet.now) });
      if (outcome instanceof Promise || outcome.kind !== "accepted") throw new Error("an announce was not accepted");
    }
    const { user, system } = process.cpuUsage(before);
    microseconds += user + system;
  }
  return microseconds;
}

/** As the front ends make them: one piece of memory each. Text that was put together is taken apart again at its first use. */
function flat(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}

/** One for each rack, as the topology's cache gives them out. */
const paths: (readonly string[])[] = [];

function pathOf(index: number): readonly string[] {
  const rack = Math.floor(index / HOSTS_PER_RACK);
  return (paths[rack] ??= [flat(`rack${rack}`)]);
}

function announceOf(prefix: PeerIdPrefix, index: number, rounds: number): Announce {
  const left = index % 10 < SEEDERS_OF_TEN ? 0 : Math.max(1, PAYLOAD / 2 - rounds * PROGRESS);
  return {
    peerId: flat(prefix + String(index).padStart(12, "0")) as PeerId,
    key: "0a0b0c0d",
    endpoint: compactEndpoint(hostOf(index), 6881),
    otherEndpoint: undefined,
    reach: "any",
    path: pathOf(index),
    event: "none",
    left,
    uploaded: 0,
    downloaded: PAYLOAD - left,
    numwant: 50,
  };
}

function hostOf(index: number): HostAddress {
  return String.fromCharCode(10, (index >> 16) & 255, (index >> 8) & 255, index & 255) as HostAddress;
}
