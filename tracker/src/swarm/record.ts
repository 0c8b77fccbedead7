// A swarm as plain data and back, for snapshots: peers with their places in line, and the pairs that were told.
import type { CompactEndpoint, PeerId } from "./identifiers.ts";
import { pathOf } from "./inspection.ts";
import type { SwarmPolicy } from "./policy.ts";
import { Swarm } from "./swarm.ts";

/** Times are milliseconds since the epoch. Structured-cloneable. */
export interface SwarmRecord {
  readonly completions: number;
  readonly arrivals: number;
  /** Each distinct path once; peers name theirs by index. */
  readonly paths: readonly (readonly string[])[];
  /** In order of place. */
  readonly peers: readonly PeerRecord[];
  /** `[serial, serial, told at]` of every remembered pair, one after the other. */
  readonly told: readonly number[];
}

interface PeerRecord {
  readonly id: string;
  readonly endpoint: string;
  readonly second: string | undefined;
  readonly path: number;
  /** flags, key, left, uploaded, downloaded, born, completed, habit, place, serial; see `NUMBERS`. */
  readonly numbers: readonly number[];
}

const NUMBERS = [
  "keys",
  "left",
  "uploaded",
  "downloaded",
  "bornAt",
  "completedAt",
  "habit",
  "place",
  "serial",
] as const;

export function recordSwarm(swarm: Swarm, now: number): SwarmRecord {
  const { table } = swarm;
  const paths = new Map<string, { index: number; path: string[] }>();
  const peers = swarm.inOrder().map((slot) => {
    const path = pathOf(swarm, slot);
    const known = paths.get(path.join("\0")) ?? { index: paths.size, path };
    paths.set(path.join("\0"), known);
    return {
      id: table.idOf(slot),
      endpoint: table.endpointOf(slot),
      second: table.secondEndpointOf(slot),
      path: known.index,
      numbers: [table.flagsOf(slot), ...NUMBERS.map((column) => table.numberOf(column, slot))],
    };
  });
  return {
    completions: swarm.completions,
    arrivals: swarm.arrivals,
    paths: [...paths.values()].map(({ path }) => path),
    peers,
    told: swarm.told.entries(now),
  };
}

/** Everybody counts as heard at `now`: nobody could be while the tracker was away. */
export function restoreSwarm(record: SwarmRecord, policy: SwarmPolicy, now: number): Swarm {
  const swarm = new Swarm(policy);
  swarm.completions = record.completions;
  swarm.arrivals = record.arrivals;
  swarm.resumedAt = now;
  const bySerial = new Map<number, number>();
  for (const peer of record.peers) {
    const path = record.paths[peer.path];
    if (path?.length !== policy.levels.length) continue;
    const slot = restorePeer(swarm, peer, path, now);
    bySerial.set(swarm.table.serialOf(slot), slot);
  }
  for (let at = 0; at + 2 < record.told.length; at += 3) {
    const [one, other, toldAt] = [record.told[at] ?? 0, record.told[at + 1] ?? 0, record.told[at + 2] ?? 0];
    const [oneSlot, otherSlot] = [bySerial.get(one), bySerial.get(other)];
    if (oneSlot === undefined || otherSlot === undefined) continue;
    swarm.told.remember(oneSlot, otherSlot, toldAt);
  }
  return swarm;
}

function restorePeer(swarm: Swarm, peer: PeerRecord, path: readonly string[], now: number): number {
  const { table } = swarm;
  const endpoint = peer.endpoint as CompactEndpoint;
  const rack = swarm.rackOf(path);
  const slot = table.allocate();
  table.setId(slot, peer.id as PeerId);
  table.setEndpoint(slot, endpoint);
  const [flags = 0, ...numbers] = peer.numbers;
  table.setFlags(slot, flags);
  for (const [at, column] of NUMBERS.entries()) table.setNumber(column, slot, numbers[at] ?? 0);
  table.setSeenAt(slot, now);
  table.setHopefulAt(slot, now);
  table.setRate(slot, 0);
  table.setSecondEndpoint(slot, peer.second as CompactEndpoint | undefined);
  swarm.admit(slot, rack);
  return slot;
}
