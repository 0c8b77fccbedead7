// The default store: swarms in this process's memory, with snapshots to disk.
import type { AddressText } from "../swarm/inspection.ts";
import { explainPeer, viewPeer } from "../swarm/inspection.ts";
import { HandoutBuffer } from "../swarm/handout-buffer.ts";
import type { InfoHash } from "../swarm/identifiers.ts";
import { isGone } from "../swarm/life.ts";
import type { SwarmPolicy } from "../swarm/policy.ts";
import { receive } from "../swarm/reception.ts";
import { Swarm } from "../swarm/swarm.ts";
import type { Snapshots } from "./snapshots.ts";
import type { SwarmStore } from "./swarm-store.ts";

export interface MemoryStoreOptions {
  readonly policy: SwarmPolicy;
  /** 0 inclusive to 1 exclusive. */
  readonly random: () => number;
  /** Prints addresses for the views. */
  readonly addressText: AddressText;
  /** Where swarms outlive the process; without it they do not. */
  readonly snapshots?: Snapshots | undefined;
}

export interface MemoryStore extends SwarmStore {
  /** Writes the swarms that changed since the last call to the snapshots. */
  save(now: number): void;
}

/** Peers and swarms looked at by one call of `sweep`. */
const SWEEP_AT_A_TIME = 20_000;
const NOBODY = { complete: 0, incomplete: 0, completions: 0 } as const;

/** `now` is the time that restored peers count as heard at. */
export function createMemoryStore(
  { policy, random, addressText, snapshots }: MemoryStoreOptions,
  now: number,
): MemoryStore {
  const swarms = new Map<InfoHash, Swarm>(snapshots?.load(policy, now));
  const changed = new Set<InfoHash>();
  const handout = new HandoutBuffer();
  let sweeping = sweepSwarms(swarms, changed);

  function save(at: number): void {
    if (changed.size === 0) return;
    snapshots?.save(
      [...changed].map((infoHash) => [infoHash, swarms.get(infoHash)]),
      at,
    );
    changed.clear();
  }

  return {
    announce(request) {
      let swarm = swarms.get(request.infoHash);
      if (swarm === undefined) {
        swarm = new Swarm(policy);
        swarms.set(request.infoHash, swarm);
      }
      changed.add(request.infoHash);
      const { announce, terms, now: at } = request;
      return receive(swarm, { announce, terms, now: at, random }, handout);
    },
    scrape: (infoHash) => swarms.get(infoHash)?.counts() ?? NOBODY,
    inspect(infoHash, at) {
      const swarm = swarms.get(infoHash);
      return swarm === undefined ? [] : [...swarm.inOrder()].map((slot) => viewPeer(swarm, slot, addressText, at));
    },
    explain(infoHash, host, at) {
      const swarm = swarms.get(infoHash);
      return swarm === undefined
        ? []
        : [...swarm.onHost(host)].map((slot) => explainPeer(swarm, slot, addressText, at));
    },
    sweep(at) {
      let removed = 0;
      for (let looked = 0; looked < SWEEP_AT_A_TIME; looked++) {
        const { value, done } = sweeping.next(at);
        if (done === true) {
          sweeping = sweepSwarms(swarms, changed);
          return removed;
        }
        removed += value;
      }
      return removed;
    },
    drop(infoHash) {
      if (swarms.delete(infoHash)) changed.add(infoHash);
    },
    save,
    async close() {
      snapshots?.close();
      return Promise.resolve();
    },
  };
}

/** One round over all swarms and their peers, each a step: yields 1 for each peer it removed; takes the time of each step. */
function* sweepSwarms(swarms: Map<InfoHash, Swarm>, changed: Set<InfoHash>): Generator<number, undefined, number> {
  for (const [infoHash, swarm] of swarms) {
    yield 0;
    const { table } = swarm;
    for (let slot = 0; slot < table.top; slot++) {
      const now = yield 0;
      if (!table.isLive(slot) || !isGone(swarm, slot, now)) continue;
      swarm.remove(slot, now);
      changed.add(infoHash);
      yield 1;
    }
    // Completions are told by scrapes for as long as the transfer is active.
    if (table.size > 0 || swarm.completions > 0) continue;
    swarms.delete(infoHash);
    changed.add(infoHash);
  }
  return undefined;
}
