// A group of the topology inside one swarm (a rack, a row, …, the whole datacenter), its line and its circle.
import type { LevelPolicy } from "./policy.ts";
import type { PeerTable } from "./peer-table.ts";
import { NO_ROOM, RoomMembers } from "./rooms.ts";
import { type Members, SlotSet } from "./slot-set.ts";
import { NO_SLOT } from "./slot-index.ts";

/**
 * The *circle* of a group is whom its members can meet there: in a rack its live peers, in a wider group the
 * representatives of its child groups. The *line* is the order in which they become the group's representatives.
 */
export class Group {
  /** By name; a rack has none. */
  readonly children: Map<string, Group> | undefined;
  /** The longest-standing of the line, in order, at most the cap. The whole datacenter has none: it has no wider group. */
  representatives: readonly number[] = [];
  /** Where the peers of a rack sit; of another group `NO_ROOM`. */
  readonly room: number;
  readonly complete: Members;
  readonly incomplete: Members;
  /** The incomplete representatives of child groups that hold a complete copy: never active, so no handout looks at them. */
  readonly standingBy: Members;
  /** The same three of a wider group. */
  readonly circle: Circle | undefined;
  readonly line: Line;
  readonly name: string;
  readonly parent: Group | undefined;
  readonly policy: LevelPolicy | undefined;
  /** 0 is a rack. */
  readonly level: number;
  /** This group and all it is in, rack first; the last is the whole datacenter. */
  readonly chain: readonly Group[];

  constructor(
    table: PeerTable,
    place: { name: string; parent: Group | undefined; policy: LevelPolicy | undefined; level: number },
  ) {
    this.name = place.name;
    this.parent = place.parent;
    this.policy = place.policy;
    this.level = place.level;
    this.chain = [this, ...(place.parent?.chain ?? [])];
    const isRack = place.level === 0;
    this.children = isRack ? undefined : new Map();
    this.room = isRack ? table.openRoom(this) : NO_ROOM;
    this.circle = isRack ? undefined : createCircle();
    this.complete = this.circle?.complete ?? new RoomMembers(table.rooms, this.room, true);
    this.incomplete = this.circle?.incomplete ?? new RoomMembers(table.rooms, this.room, false);
    this.standingBy = this.circle?.standingBy ?? NOBODY;
    this.line = isRack ? new HostLine(table) : new CandidateLine(table);
  }

  get cap(): number {
    return this.policy?.maxRepresentatives ?? Number.POSITIVE_INFINITY;
  }

  /** How many live peers or representatives the circle has. */
  get population(): number {
    return this.complete.size + this.incomplete.size + this.standingBy.size;
  }
}

export interface Circle {
  readonly complete: SlotSet;
  readonly incomplete: SlotSet;
  readonly standingBy: SlotSet;
}

const NOBODY: Members = new SlotSet();

function createCircle(): Circle {
  return { complete: new SlotSet(), incomplete: new SlotSet(), standingBy: new SlotSet() };
}

/** Candidates in order of their place. */
export interface Line {
  add(slot: number): void;
  remove(slot: number): void;
  /** The first `count`, in order. */
  first(count: number): number[];
}

/** A rack's hosts: a linked list, because a rack may hold the whole fleet and arrivals go to its end. */
class HostLine implements Line {
  #head = NO_SLOT;
  #tail = NO_SLOT;
  readonly #table: PeerTable;

  constructor(table: PeerTable) {
    this.#table = table;
  }

  add(slot: number): void {
    const { place, next, previous } = this.#table;
    let before = this.#tail;
    while (before !== NO_SLOT && (place[before] ?? 0) > (place[slot] ?? 0)) before = previous[before] ?? NO_SLOT;
    const after = before === NO_SLOT ? this.#head : (next[before] ?? NO_SLOT);
    this.#link(before, slot);
    this.#link(slot, after);
  }

  remove(slot: number): void {
    const { next, previous } = this.#table;
    this.#link(previous[slot] ?? NO_SLOT, next[slot] ?? NO_SLOT);
  }

  first(count: number): number[] {
    const found: number[] = [];
    for (let slot = this.#head; slot !== NO_SLOT && found.length < count; slot = this.#table.next[slot] ?? NO_SLOT) {
      found.push(slot);
    }
    return found;
  }

  #link(before: number, after: number): void {
    if (before === NO_SLOT) this.#head = after;
    else this.#table.next[before] = after;
    if (after === NO_SLOT) this.#tail = before;
    else this.#table.previous[after] = before;
  }
}

/** A wider group's candidates: a sorted array, a few for each child group. */
class CandidateLine implements Line {
  readonly #slots: number[] = [];
  readonly #table: PeerTable;

  constructor(table: PeerTable) {
    this.#table = table;
  }

  add(slot: number): void {
    this.#slots.splice(this.#search(this.#table.place[slot] ?? 0), 0, slot);
  }

  remove(slot: number): void {
    const at = this.#search(this.#table.place[slot] ?? 0);
    if (this.#slots[at] === slot) this.#slots.splice(at, 1);
  }

  first(count: number): number[] {
    return this.#slots.slice(0, count);
  }

  #search(place: number): number {
    let low = 0;
    let high = this.#slots.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#table.place[this.#slots[middle] ?? 0] ?? 0) < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
