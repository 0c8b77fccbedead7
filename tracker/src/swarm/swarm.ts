// One swarm: its peers, the groups they are in, and what they were told of each other.
import type { SwarmCounts } from "./announce.ts";
import type { ChangeListener } from "./change-listener.ts";
import { NOBODY_LISTENS } from "./change-listener.ts";
import { Group } from "./group.ts";
import { Facts } from "./introduction/facts.ts";
import type { CompactEndpoint, HostAddress } from "./identifiers.ts";
import { portOf } from "./identifiers.ts";
import { noteLife } from "./life.ts";
import { ORIGIN, PeerTable } from "./peer-table.ts";
import type { SwarmPolicy } from "./policy.ts";
import { NO_SLOT } from "./slot-index.ts";
import { changeLeft, enterRack, joinLine, leaderOfHost, leaveLine, leaveRack } from "./standing.ts";
import { ToldMemory } from "./told-memory.ts";

export class Swarm {
  readonly policy: SwarmPolicy;
  readonly table: PeerTable;
  readonly told: ToldMemory;
  readonly datacenter: Group;
  /** Slots of live origins, in order of arrival. */
  readonly origins: number[] = [];
  /** The highest rate at which anybody pulled from outside its groups, in bytes a second. */
  fastestPull = 0;
  completions = 0;
  seeders = 0;
  /** When announces were last answered again after a pause, in milliseconds since the epoch: what happened in it has no rate. */
  resumedAt = 0;
  /** The peer that announces now, and how often anything changed that its facts follow from; see `Facts`. */
  announcer = NO_SLOT;
  changes = 0;
  readonly facts = new Facts();
  /** The next place in line and the next serial. */
  arrivals = 1;

  constructor(policy: SwarmPolicy, listener: ChangeListener = NOBODY_LISTENS) {
    this.policy = policy;
    this.table = new PeerTable(listener);
    this.told = new ToldMemory(this.table, listener);
    const level = policy.levels.length;
    this.datacenter = new Group(this.table, { name: "", parent: undefined, policy: undefined, level });
  }

  counts(): SwarmCounts {
    return { complete: this.seeders, incomplete: this.table.size - this.seeders, completions: this.completions };
  }

  /** Whether a live peer is in the rack of a path. A path that was given before is known by identity, without a look at the rack. */
  isAt(slot: number, path: readonly string[]): boolean {
    const { paths } = this.table;
    const room = this.table.roomOf(slot);
    if (paths[room] === path) return true;
    let depth = path.length - 1;
    for (let group = this.table.rackOf(slot); group?.parent !== undefined; group = group.parent) {
      if (group.name !== path[depth--]) return false;
    }
    if (depth !== -1) return false;
    paths[room] = path;
    return true;
  }

  /** The rack of a path, made when it is new. */
  rackOf(path: readonly string[]): Group {
    let group = this.datacenter;
    for (const [depth, policy] of this.policy.levels.entries()) {
      const name = path[depth];
      if (name === undefined) throw new RangeError(`the path ${path.join("/")} has no ${policy.name}`);
      group = group.children?.get(name) ?? this.#addChild(group, name, depth);
    }
    return group;
  }

  #addChild(parent: Group, name: string, depth: number): Group {
    const child = new Group(this.table, { name, parent, policy: this.policy.levels[depth], level: parent.level - 1 });
    parent.children?.set(name, child);
    return child;
  }

  /** A new peer at the end of the line; its own columns must be filled already. */
  admit(slot: number, rack: Group): void {
    const { table } = this;
    table.byId.add(slot);
    this.#enter(slot, rack);
    noteLife(table, slot, this.policy);
    table.listener.changed(slot);
    this.#changeHost(slot, () => this.#joinHost(slot));
  }

  /** Puts a peer that moved to another place at the end of that rack's line. */
  move(slot: number, rack: Group): void {
    const { table } = this;
    const old = table.rackOf(slot);
    if (old === undefined) return;
    const stands = leaderOfHost(table, slot) === slot;
    if (stands) leaveLine(table, slot, old);
    this.#withdraw(slot, old);
    this.#prune(old);
    table.place[slot] = this.arrivals++;
    this.#enter(slot, rack);
    table.listener.changed(slot);
    if (stands) joinLine(table, slot, rack);
  }

  remove(slot: number, now: number): void {
    const { table } = this;
    const rack = table.rackOf(slot);
    if (rack === undefined) return;
    table.listener.departing(slot, now);
    this.told.depart(slot, now);
    this.#release(slot, rack);
  }

  /** Takes a live peer out that is admitted again at once, with other columns: to the others it never departed. */
  extract(slot: number): void {
    const rack = this.table.rackOf(slot);
    this.table.listener.changed(slot);
    if (rack !== undefined) this.#release(slot, rack);
  }

  /** Declares a live peer an origin, or takes that back. */
  setOrigin(slot: number, origin: boolean): void {
    if (this.table.has(slot, ORIGIN) === origin) return;
    this.table.listener.changed(slot);
    this.#changeHost(slot, () => this.table.setFlag(slot, ORIGIN, origin));
    if (origin) this.origins.push(slot);
    else this.#forgetOrigin(slot);
  }

  /** `left` changed: keeps the circles and the count of seeders in step. */
  setLeft(slot: number, left: number): void {
    const was = this.table.isComplete(slot);
    changeLeft(this.table, slot, left);
    this.seeders += Number(left === 0) - Number(was);
    noteLife(this.table, slot, this.policy);
  }

  /** The live client listening on an endpoint, or `NO_SLOT`. */
  at(endpoint: CompactEndpoint): number {
    const port = portOf(endpoint);
    let slot = this.table.firstOnHost(endpoint);
    while (slot !== NO_SLOT && this.table.portOf(slot) !== port) slot = this.table.companion.get(slot) ?? NO_SLOT;
    return slot;
  }

  /** Every live peer, the longest-standing first. */
  inOrder(): number[] {
    const { place } = this.table;
    return [...this.table.live()].toSorted((one, other) => (place[one] ?? 0) - (place[other] ?? 0));
  }

  /** Every live client counted for a host, first come first. */
  *onHost(host: HostAddress): Generator<number> {
    let slot = this.table.firstOnHost(host);
    for (; slot !== NO_SLOT; slot = this.table.companion.get(slot) ?? NO_SLOT) yield slot;
  }

  #release(slot: number, rack: Group): void {
    this.#changeHost(slot, () => this.#leaveHost(slot));
    this.#withdraw(slot, rack);
    this.table.byId.remove(slot);
    this.table.release(slot);
    this.#prune(rack);
  }

  #enter(slot: number, rack: Group): void {
    enterRack(this.table, slot, rack);
    if (this.table.isComplete(slot)) this.seeders++;
    if (this.table.has(slot, ORIGIN)) this.origins.push(slot);
  }

  #withdraw(slot: number, rack: Group): void {
    leaveRack(this.table, slot, rack);
    if (this.table.isComplete(slot)) this.seeders--;
    if (this.table.has(slot, ORIGIN)) this.#forgetOrigin(slot);
  }

  #forgetOrigin(slot: number): void {
    const at = this.origins.indexOf(slot);
    if (at >= 0) this.origins.splice(at, 1);
  }

  #prune(rack: Group): void {
    for (let group = rack; group.parent !== undefined; group = group.parent) {
      if (group.population > 0 || (group.children?.size ?? 0) > 0) return;
      if (group.level === 0) this.table.closeRoom(group.room);
      group.parent.children?.delete(group.name);
    }
  }

  /** When the client that stands in line for a host changes, the next one takes over its place. */
  #changeHost(slot: number, change: () => void): void {
    const { table } = this;
    const before = leaderOfHost(table, slot);
    change();
    const after = leaderOfHost(table, slot);
    if (before === after) return;
    const [beforeRack, afterRack] = [table.rackOf(before), table.rackOf(after)];
    if (beforeRack !== undefined) leaveLine(table, before, beforeRack);
    if (beforeRack !== undefined && afterRack !== undefined) this.#swapPlaces(before, after);
    if (afterRack !== undefined) joinLine(table, after, afterRack);
  }

  #swapPlaces(one: number, other: number): void {
    const { place } = this.table;
    const kept = place[one] ?? 0;
    place[one] = place[other] ?? 0;
    place[other] = kept;
    this.table.listener.changed(one);
    this.table.listener.changed(other);
  }

  #joinHost(slot: number): void {
    const { companion } = this.table;
    let last = this.table.firstBeside(slot);
    if (last === NO_SLOT) {
      this.table.addToHosts(slot);
      return;
    }
    for (let next = companion.get(last); next !== undefined; next = companion.get(last)) last = next;
    companion.set(last, slot);
  }

  #leaveHost(slot: number): void {
    const { table } = this;
    const { companion } = table;
    const first = table.firstBeside(slot);
    const next = companion.get(slot);
    if (first === slot) {
      table.removeFromHosts(slot);
      if (next !== undefined) table.addToHosts(next);
      return;
    }
    let before = first;
    while (before !== NO_SLOT && companion.get(before) !== slot) before = companion.get(before) ?? NO_SLOT;
    if (next === undefined) companion.delete(before);
    else companion.set(before, next);
  }
}
