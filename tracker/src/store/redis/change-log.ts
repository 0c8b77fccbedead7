// What a tracker changed on its replica, as the operations of `commit-swarm.lua`.
import type { AnnounceEvent } from "../../swarm/announce.ts";
import type { ChangeListener } from "../../swarm/change-listener.ts";
import type { Group } from "../../swarm/group.ts";
import type { PeerTable } from "../../swarm/peer-table.ts";
import { goneAt } from "../../swarm/life.ts";
import type { Swarm } from "../../swarm/swarm.ts";
import { groupKey, SWARM_KEYS } from "./keys.ts";
import type { AddressCodec } from "../../swarm/inspection.ts";
import { identityFields, peerName, progressFields, standingFields } from "./peer-fields.ts";

/** What Redis has of a peer, as far as it decides which sets the peer is in. */
interface Written {
  readonly name: string;
  readonly identity: string;
  readonly rack: Group;
  readonly represents: number;
  readonly complete: boolean;
  readonly place: number;
}

/** A host that was not in the swarm before. */
export interface Newcomer {
  /** Topology path, joined. */
  readonly rack: string;
  /** Address in text form. */
  readonly host: string;
}

export interface Operations {
  readonly args: readonly (string | number)[];
  readonly newcomers: readonly Newcomer[];
}

/** Peers by slot, and what happened to them since the last commit. */
export class ChangeLog {
  readonly listener: ChangeListener;
  readonly #codec: AddressCodec;
  readonly #written: (Written | undefined)[] = [];
  /** What Redis has of a peer's progress, in the order of `progressFields`. */
  readonly #progress: (readonly string[] | undefined)[] = [];
  readonly #changed = new Set<number>();
  readonly #events = new Map<number, { event: AnnounceEvent; at: number }>();
  readonly #tellings = new Map<string, number>();
  readonly #touchedGroups = new Map<string, { rack: Group; level: number }>();
  #departures: (string | number)[] = [];

  constructor(codec: AddressCodec) {
    this.#codec = codec;
    this.listener = {
      changed: (slot) => void this.#changed.add(slot),
      departing: (slot, now) => this.#noteDeparture(slot, now),
      told: (one, other, at) => void this.#tellings.set(one < other ? `${one} ${other}` : `${other} ${one}`, at),
    };
  }

  get isEmpty(): boolean {
    return this.#changed.size + this.#departures.length + this.#tellings.size === 0;
  }

  noteEvent(slot: number, event: AnnounceEvent, at: number): void {
    this.#events.set(slot, { event, at });
  }

  /** What changed since came from Redis. */
  adopt(swarm: Swarm): void {
    for (const slot of this.#changed)
      this.#written[slot] = swarm.table.isLive(slot) ? this.#picture(swarm, slot) : undefined;
    for (const slot of this.#changed) this.#progress[slot] = undefined;
    this.#clear();
  }

  /** Everything since the last call, in an order in which names can pass from one peer to another. */
  take(swarm: Swarm): Operations {
    const removals = [...this.#departures];
    const additions: (string | number)[] = [];
    const peers: (string | number)[] = [];
    const newcomers: Newcomer[] = [];
    for (const slot of this.#changed) {
      if (!swarm.table.isLive(slot)) continue;
      const before = this.#written[slot];
      const after = this.#picture(swarm, slot);
      this.#written[slot] = after;
      if (before === undefined) newcomers.push(this.#newcomer(swarm, slot, after.rack));
      if (before?.name !== after.name) additions.push("arrive", after.name);
      this.#moveBetweenSets(before, after, removals, additions);
      this.#writePeer(swarm, slot, before, after, peers);
    }
    const represented = this.#representatives(swarm);
    const tellings = [...this.#tellings].flatMap(([pair, at]) => ["told", pair, at]);
    this.#clear();
    return { args: [...removals, ...additions, ...represented, ...peers, ...tellings], newcomers };
  }

  #clear(): void {
    this.#changed.clear();
    this.#events.clear();
    this.#tellings.clear();
    this.#touchedGroups.clear();
    this.#departures = [];
  }

  #noteDeparture(slot: number, now: number): void {
    const before = this.#written[slot];
    this.#written[slot] = undefined;
    this.#events.delete(slot);
    if (before === undefined) return;
    this.#departures.push("leave", before.name, now);
    for (const [key] of setsOf(before)) this.#departures.push("remove", key, before.name);
    this.#touchGroups(before);
  }

  #picture({ table }: Swarm, slot: number): Written {
    const rack = table.rackOf(slot);
    if (rack === undefined) throw new RangeError(`slot ${slot} is not live`);
    const name = peerName(table.endpointOf(slot), this.#codec.text);
    const identity = `${table.idOf(slot)}${table.keys[slot] ?? 0} ${table.secondEndpointOf(slot) ?? ""}`;
    const [represents, place] = [table.representsOf(slot), table.place[slot] ?? 0];
    return { name, identity, rack, represents, complete: table.isComplete(slot), place };
  }

  #newcomer({ table }: Swarm, slot: number, rack: Group): Newcomer {
    return { rack: pathOfRack(rack).join("/"), host: this.#codec.text(table.hostOf(slot)) };
  }

  #moveBetweenSets(
    before: Written | undefined,
    after: Written,
    removals: (string | number)[],
    additions: (string | number)[],
  ): void {
    if (before !== undefined && isSamePlace(before, after)) return;
    const old = new Map<string, number>();
    for (const [key, place] of before === undefined ? [] : setsOf(before)) old.set(key, place);
    const renamed = before !== undefined && before.name !== after.name;
    if (renamed) removals.push("rename", before.name);
    for (const [key, place, group] of setsOf(after)) {
      if (!renamed && old.get(key) === place) old.delete(key);
      else additions.push("add", key, after.name, place);
      if (!renamed) old.delete(key);
      if (group !== undefined && before?.rack !== after.rack) additions.push("group", group);
    }
    for (const key of old.keys()) removals.push("remove", key, before?.name ?? "");
    if (before !== undefined) this.#touchGroups(before);
    this.#touchGroups(after);
  }

  #touchGroups({ rack, represents }: Written): void {
    for (let level = 0; level < represents; level++) {
      const key = groupKey(pathOfRack(rack), level);
      if (rack.chain[level]?.parent !== undefined) this.#touchedGroups.set(key, { rack, level });
    }
  }

  #representatives(swarm: Swarm): (string | number)[] {
    const { table } = swarm;
    return [...this.#touchedGroups].flatMap(([key, { rack, level }]) => {
      const group = findGroup(swarm, pathOfRack(rack).slice(0, rack.chain.length - 1 - level));
      const names = (group?.representatives ?? []).flatMap((slot) => [
        peerName(table.endpointOf(slot), this.#codec.text),
        table.place[slot] ?? 0,
      ]);
      return ["represent", `${key}:R`, names.length / 2, ...names];
    });
  }

  /** Fields and values; `seen` at least. */
  #changedProgress(table: PeerTable, slot: number, isNew: boolean): string[] {
    const known = isNew ? undefined : this.#progress[slot];
    const all = progressFields(table, slot);
    this.#progress[slot] = all;
    if (known === undefined) return all;
    const changed: string[] = [];
    for (let at = 1; at < all.length; at += 2) {
      if (all[at] !== known[at]) changed.push(all[at - 1] ?? "", all[at] ?? "");
    }
    return changed.length > 0 ? changed : ["seen", String(table.seenAtOf(slot))];
  }

  #writePeer(swarm: Swarm, slot: number, before: Written | undefined, after: Written, args: (string | number)[]): void {
    const { table } = swarm;
    const isSame = before !== undefined && isSamePlace(before, after);
    const fields = this.#changedProgress(table, slot, before === undefined);
    if (!isSame) fields.push(...standingFields(table, slot));
    if (!isSame || before.identity !== after.identity) fields.push(...identityFields(swarm, slot, this.#codec));
    const noted = this.#events.get(slot);
    if (noted !== undefined) {
      fields.push("last_event", noted.event, `event:${noted.event}`, new Date(noted.at).toISOString());
    }
    args.push("peer", after.name, Math.ceil(goneAt(table, slot, swarm.policy)), fields.length / 2, ...fields);
  }
}

function isSamePlace(one: Written, other: Written): boolean {
  return (
    one.name === other.name &&
    one.rack === other.rack &&
    one.represents === other.represents &&
    one.complete === other.complete &&
    one.place === other.place
  );
}

/** The sorted sets that a peer is in, with its score, and the group that a set belongs to; but for those of a group's representatives. */
function setsOf({ rack, represents, complete, place }: Written): [key: string, place: number, group?: string][] {
  const path = pathOfRack(rack);
  const own = groupKey(path, 0);
  const sets: [string, number, string?][] = [
    [complete ? SWARM_KEYS.seeders : SWARM_KEYS.leechers, place],
    [`${own}:N`, place, own],
  ];
  if (complete) sets.push([`${own}:S`, place]);
  if (represents > 0) sets.push([SWARM_KEYS.representatives, place]);
  for (let level = 1; level <= represents && level < path.length; level++) {
    const group = groupKey(path, level);
    sets.push([`${group}:N`, place, group]);
  }
  return sets;
}

function pathOfRack(rack: Group): string[] {
  return rack.chain
    .slice(0, -1)
    .map(({ name }) => name)
    .reverse();
}

function findGroup({ datacenter }: Swarm, path: readonly string[]): Group | undefined {
  let group: Group | undefined = datacenter;
  for (const name of path) group = group?.children?.get(name);
  return group;
}
