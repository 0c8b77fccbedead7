// The peers of one swarm as dense columns: a peer is a small integer, its slot, valid as long as it lives.
import type { ChangeListener } from "./change-listener.ts";
import { clientFamily, familyNumber } from "./client-families.ts";
import type { CompactEndpoint, HostAddress, PeerId } from "./identifiers.ts";
import { hostOf, isIpv4, PEER_ID_BYTES, portOf } from "./identifiers.ts";
import type { Group } from "./group.ts";
import { NO_SLOT, SlotIndex } from "./slot-index.ts";
import { SlotRoom } from "./slot-room.ts";

const [V4_HOST_BYTES, V4_BYTES, V6_HOST_BYTES, V6_BYTES] = [4, 6, 16, 18];
const FIRST_CAPACITY = 8;

/** Bits of a peer's marks. These are flags: they are what happened to the peer. */
export const ORIGIN = 1;
/** Was handed a source, or handed to one, at least once. */
export const FED = 2;
/** Its last regular announce told of no progress since the one before. */
export const STALLED = 4;

/** And these are traits, which other columns imply. The client tells late of its pieces; see `ClientFamily`. */
export const LATE = 8;
/** The endpoint the peer is counted for is an IPv6 one. */
export const V6 = 16;
/** Has an endpoint of the other family, too. */
export const DUAL = 32;
export const COMPLETE = 64;
const FLAGS = ORIGIN | FED | STALLED;

type Column = Float64Array | Float32Array | Uint32Array | Int32Array | Uint16Array | Uint8Array;

/** What is read of every candidate of a handout lies side by side: IPv4 endpoint 0, marks 6, levels represented 7, gone at 8. */
export const HOT_BYTES = 16;
export const MARKS_AT = 6;
const REPRESENTS_AT = 7;
/** The same row in 16-bit words and in doubles. */
export const HOT_WORDS = 8;
export const HOT_DOUBLES = 2;
export const GONE_AT = 1;
/** And what says how far a peer is: left, seen, hopeful, each a double; rate and habit, each a float. */
const PROGRESS_BYTES = 32;

/** Columns that are numbers, for those who copy peers. */
export type NumberColumn =
  | "serial"
  | "keys"
  | "place"
  | "bornAt"
  | "completedAt"
  | "uploaded"
  | "downloaded"
  | "left"
  | "rate"
  | "habit"
  | "seenAt"
  | "hopefulAt";

/** Times are milliseconds since the epoch, sizes bytes. Text columns are bytes; see `SlotIndex`. */
export class PeerTable {
  capacity = FIRST_CAPACITY;
  /** Slots below this were set aside. */
  top = 0;
  size = 0;

  ids = new Uint8Array(FIRST_CAPACITY * PEER_ID_BYTES);
  /** Rows of `HOT_BYTES`; IPv4 endpoints as BEP 23 has them, nothing where the peer is counted for an IPv6 one. */
  hot = new Uint8Array(FIRST_CAPACITY * HOT_BYTES);
  /** The same in 16-bit words: an endpoint is three, in the order of the wire. */
  hotWords = new Uint16Array(this.hot.buffer);
  hotTimes = new Float64Array(this.hot.buffer);
  /** Rows of `PROGRESS_BYTES`. */
  #progress = new Float64Array((FIRST_CAPACITY * PROGRESS_BYTES) / 8);
  #progressFloats = new Float32Array(this.#progress.buffer);
  /** IPv6 endpoints as BEP 7 has them; without room until there is one. */
  v6 = new Uint8Array(0);
  /** A hash of the client's `key`; 0 when it sent none. */
  keys = new Uint32Array(FIRST_CAPACITY);
  /** See `clientFamily`. */
  families = new Uint8Array(FIRST_CAPACITY);
  uploaded = new Float64Array(FIRST_CAPACITY);
  downloaded = new Float64Array(FIRST_CAPACITY);
  /** Seconds since the epoch. */
  bornAt = new Uint32Array(FIRST_CAPACITY);
  /** Seconds since the epoch; 0 while incomplete. */
  completedAt = new Uint32Array(FIRST_CAPACITY);
  /** The place in line: unique in the swarm, smaller stands longer. */
  place = new Uint32Array(FIRST_CAPACITY);
  /** Identity that survives a reconnect within the told memory; 0 in a free slot. */
  serial = new Uint32Array(FIRST_CAPACITY);
  /** Neighbours in the rack's line. */
  next = new Int32Array(FIRST_CAPACITY);
  previous = new Int32Array(FIRST_CAPACITY);
  /** The next client on the same host. */
  companion = new Int32Array(FIRST_CAPACITY);
  /** Position in the circle of each level, rack first; see `Group`. */
  readonly positions: Int32Array[];
  readonly racks: (Group | undefined)[] = [];
  /** The endpoint of the other address family, for the few that have one. */
  readonly #secondEndpoint = new Map<number, CompactEndpoint>();

  readonly byId = new SlotIndex({ bytes: this.ids, width: PEER_ID_BYTES, stride: PEER_ID_BYTES });
  /** Only the first client of a host is in it; the others hang on it by `companion`. */
  readonly #byV4Host = new SlotIndex({ bytes: this.hot, width: V4_HOST_BYTES, stride: HOT_BYTES });
  readonly #byV6Host = new SlotIndex({ bytes: this.v6, width: V6_HOST_BYTES, stride: V6_BYTES });

  /** Slots of racks that are no more. */
  readonly #free = new SlotRoom();

  readonly listener: ChangeListener;

  constructor(levels: number, listener: ChangeListener) {
    this.listener = listener;
    this.positions = Array.from({ length: levels + 1 }, () => new Int32Array(FIRST_CAPACITY));
  }

  isLive(slot: number): boolean {
    return this.racks[slot] !== undefined;
  }

  /** All marks of a peer: flags and traits. */
  marksOf(slot: number): number {
    return this.hot[slot * HOT_BYTES + MARKS_AT] ?? 0;
  }

  has(slot: number, mark: number): boolean {
    return (this.marksOf(slot) & mark) !== 0;
  }

  setFlag(slot: number, flag: number, on: boolean): void {
    const marks = this.marksOf(slot);
    this.hot[slot * HOT_BYTES + MARKS_AT] = on ? marks | flag : marks & ~flag;
  }

  flagsOf(slot: number): number {
    return this.marksOf(slot) & FLAGS;
  }

  setFlags(slot: number, flags: number): void {
    this.hot[slot * HOT_BYTES + MARKS_AT] = (this.marksOf(slot) & ~FLAGS) | (flags & FLAGS);
  }

  isLate(slot: number): boolean {
    return this.has(slot, LATE);
  }

  isComplete(slot: number): boolean {
    return this.has(slot, COMPLETE);
  }

  /** How many levels the peer represents. */
  representsOf(slot: number): number {
    return this.hot[slot * HOT_BYTES + REPRESENTS_AT] ?? 0;
  }

  setRepresents(slot: number, levels: number): void {
    this.hot[slot * HOT_BYTES + REPRESENTS_AT] = levels;
  }

  /** When the peer is taken for gone unless it is heard of before; see `noteLife`. */
  goneAtOf(slot: number): number {
    return this.hotTimes[slot * HOT_DOUBLES + GONE_AT] ?? 0;
  }

  setGoneAt(slot: number, at: number): void {
    this.hotTimes[slot * HOT_DOUBLES + GONE_AT] = at;
  }

  /** Bytes the peer lacks. */
  leftOf(slot: number): number {
    return this.#progress[slot * 4] ?? 0;
  }

  setLeft(slot: number, left: number): void {
    this.#progress[slot * 4] = left;
    this.setFlag(slot, COMPLETE, left === 0);
  }

  seenAtOf(slot: number): number {
    return this.#progress[slot * 4 + 1] ?? 0;
  }

  setSeenAt(slot: number, at: number): void {
    this.#progress[slot * 4 + 1] = at;
  }

  /** When the peer last progressed, or was given a fresh source. */
  hopefulAtOf(slot: number): number {
    return this.#progress[slot * 4 + 2] ?? 0;
  }

  setHopefulAt(slot: number, at: number): void {
    this.#progress[slot * 4 + 2] = at;
  }

  /** Bytes a second, smoothed. */
  rateOf(slot: number): number {
    return this.#progressFloats[slot * 8 + 6] ?? 0;
  }

  setRate(slot: number, rate: number): void {
    this.#progressFloats[slot * 8 + 6] = rate;
  }

  /** The announce gap the peer has shown to keep, in milliseconds; 0 while it has shown none. */
  habitOf(slot: number): number {
    return this.#progressFloats[slot * 8 + 7] ?? 0;
  }

  setHabit(slot: number, gapMs: number): void {
    this.#progressFloats[slot * 8 + 7] = gapMs;
  }

  numberOf(column: NumberColumn, slot: number): number {
    switch (column) {
      case "left":
        return this.leftOf(slot);
      case "rate":
        return this.rateOf(slot);
      case "habit":
        return this.habitOf(slot);
      case "seenAt":
        return this.seenAtOf(slot);
      case "hopefulAt":
        return this.hopefulAtOf(slot);
      default:
        return this[column][slot] ?? 0;
    }
  }

  setNumber(column: NumberColumn, slot: number, value: number): void {
    switch (column) {
      case "left":
        return this.setLeft(slot, value);
      case "rate":
        return this.setRate(slot, value);
      case "habit":
        return this.setHabit(slot, value);
      case "seenAt":
        return this.setSeenAt(slot, value);
      case "hopefulAt":
        return this.setHopefulAt(slot, value);
      default:
        this[column][slot] = value;
    }
  }

  /** A slot of a rack's room; the caller fills its columns and sets `racks[slot]`. */
  allocate(room: SlotRoom): number {
    this.size++;
    if (room.first !== NO_SLOT) return this.#takeFirst(room);
    if (room.next === room.end) {
      if (this.#free.first !== NO_SLOT) return this.#takeFirst(this.#free);
      this.#makeRoom(room);
    }
    return room.next++;
  }

  release(slot: number, room: SlotRoom): void {
    this.racks[slot] = undefined;
    this.serial[slot] = 0;
    this.setSecondEndpoint(slot, undefined);
    this.#giveBack(slot, room);
    this.size--;
  }

  /** A rack is no more: its slots are for whoever comes. */
  dissolve(room: SlotRoom): void {
    while (room.next < room.end) this.#giveBack(room.next++, room);
    if (room.first === NO_SLOT) return;
    this.next[room.last] = this.#free.first;
    if (this.#free.first === NO_SLOT) this.#free.last = room.last;
    this.#free.first = room.first;
    room.first = NO_SLOT;
  }

  #takeFirst(room: SlotRoom): number {
    const slot = room.first;
    room.first = this.next[slot] ?? NO_SLOT;
    return slot;
  }

  #giveBack(slot: number, room: SlotRoom): void {
    if (room.first === NO_SLOT) room.last = slot;
    this.next[slot] = room.first;
    room.first = slot;
  }

  #makeRoom(room: SlotRoom): void {
    this.top = room.setAside(this.top);
    while (this.capacity < this.top) this.#grow();
    while (this.racks.length < this.top) this.racks.push(undefined);
  }

  idOf(slot: number): PeerId {
    const start = slot * PEER_ID_BYTES;
    return latin1(this.ids, start, start + PEER_ID_BYTES) as PeerId;
  }

  /** The peer's id, and what follows from it. */
  setId(slot: number, id: PeerId): void {
    write(this.ids, slot * PEER_ID_BYTES, id);
    const family = familyNumber(id);
    this.families[slot] = family;
    this.setFlag(slot, LATE, clientFamily(family).lateHave);
  }

  /** The host a peer is counted for: 4 or 16 bytes. */
  hostOf(slot: number): HostAddress {
    return hostOf(this.endpointOf(slot));
  }

  endpointOf(slot: number): CompactEndpoint {
    const isV6 = this.has(slot, V6);
    const [bytes, width, stride] = isV6 ? [this.v6, V6_BYTES, V6_BYTES] : [this.hot, V4_BYTES, HOT_BYTES];
    return latin1(bytes, slot * stride, slot * stride + width) as CompactEndpoint;
  }

  /** The endpoint a new peer is counted for. */
  setEndpoint(slot: number, endpoint: CompactEndpoint): void {
    const isV6 = !isIpv4(endpoint);
    this.setFlag(slot, V6, isV6);
    if (isV6) this.#makeRoomForV6();
    const [bytes, , stride] = isV6 ? [this.v6, V6_BYTES, V6_BYTES] : [this.hot, V4_BYTES, HOT_BYTES];
    write(bytes, slot * stride, endpoint);
  }

  /** Whether the peer is counted for the host of an endpoint. */
  isOnHost(slot: number, endpoint: CompactEndpoint): boolean {
    const isV6 = this.has(slot, V6);
    if (isV6 === isIpv4(endpoint)) return false;
    const [bytes, width, stride] = isV6 ? [this.v6, V6_BYTES, V6_BYTES] : [this.hot, V4_BYTES, HOT_BYTES];
    const start = slot * stride;
    for (let at = 0; at < width - 2; at++) if (bytes[start + at] !== endpoint.charCodeAt(at)) return false;
    return true;
  }

  portOf(slot: number): number {
    const [bytes, width, stride] = this.has(slot, V6) ? [this.v6, V6_BYTES, V6_BYTES] : [this.hot, V4_BYTES, HOT_BYTES];
    const end = slot * stride + width;
    return ((bytes[end - 2] ?? 0) << 8) | (bytes[end - 1] ?? 0);
  }

  setPort(slot: number, endpoint: CompactEndpoint): void {
    const port = portOf(endpoint);
    const [bytes, width, stride] = this.has(slot, V6) ? [this.v6, V6_BYTES, V6_BYTES] : [this.hot, V4_BYTES, HOT_BYTES];
    const end = slot * stride + width;
    bytes[end - 2] = port >> 8;
    bytes[end - 1] = port & 0xff;
  }

  /** The endpoint of the other address family; undefined for most. */
  secondEndpointOf(slot: number): CompactEndpoint | undefined {
    return this.has(slot, DUAL) ? this.#secondEndpoint.get(slot) : undefined;
  }

  setSecondEndpoint(slot: number, endpoint: CompactEndpoint | undefined): void {
    if (endpoint === undefined) this.#secondEndpoint.delete(slot);
    else this.#secondEndpoint.set(slot, endpoint);
    this.setFlag(slot, DUAL, endpoint !== undefined);
  }

  /** Whether the peer has an endpoint of the address family. */
  isIn(slot: number, family: "ipv4" | "ipv6"): boolean {
    return this.has(slot, DUAL) || this.has(slot, V6) === (family === "ipv6");
  }

  /** The first client that is counted for the host of an endpoint, or of an address alone. */
  firstOnHost(host: HostAddress | CompactEndpoint): number {
    return isIpv4(host) ? this.#byV4Host.find(host) : this.#byV6Host.find(host);
  }

  /** The first client on the host of this one, which need not be indexed itself. */
  firstBeside(slot: number): number {
    return this.#hostIndexOf(slot).findLike(slot);
  }

  addToHosts(slot: number): void {
    this.#hostIndexOf(slot).add(slot);
  }

  removeFromHosts(slot: number): void {
    this.#hostIndexOf(slot).remove(slot);
  }

  /** The live peer slots, in no particular order. */
  *live(): Generator<number> {
    for (let slot = 0; slot < this.top; slot++) if (this.isLive(slot)) yield slot;
  }

  #hostIndexOf(slot: number): SlotIndex {
    return this.has(slot, V6) ? this.#byV6Host : this.#byV4Host;
  }

  #makeRoomForV6(): void {
    if (this.v6.length === this.capacity * V6_BYTES) return;
    const wider = new Uint8Array(this.capacity * V6_BYTES);
    wider.set(this.v6);
    this.v6 = wider;
    this.#byV6Host.moveTo(wider);
  }

  #grow(): void {
    const before = this.capacity;
    this.capacity = grownCapacity(this.capacity);
    this.ids = grown(this.ids, before, this.capacity);
    this.byId.moveTo(this.ids);
    this.hot = grown(this.hot, before, this.capacity);
    this.hotWords = new Uint16Array(this.hot.buffer);
    this.hotTimes = new Float64Array(this.hot.buffer);
    this.#byV4Host.moveTo(this.hot);
    this.#progress = grown(this.#progress, before, this.capacity);
    this.#progressFloats = new Float32Array(this.#progress.buffer);
    if (this.v6.length > 0) this.#makeRoomForV6();
    this.keys = grown(this.keys, before, this.capacity);
    this.families = grown(this.families, before, this.capacity);
    this.uploaded = grown(this.uploaded, before, this.capacity);
    this.downloaded = grown(this.downloaded, before, this.capacity);
    this.bornAt = grown(this.bornAt, before, this.capacity);
    this.completedAt = grown(this.completedAt, before, this.capacity);
    this.place = grown(this.place, before, this.capacity);
    this.serial = grown(this.serial, before, this.capacity);
    this.next = grown(this.next, before, this.capacity);
    this.previous = grown(this.previous, before, this.capacity);
    this.companion = grown(this.companion, before, this.capacity);
    for (const [level, column] of this.positions.entries())
      this.positions[level] = grown(column, before, this.capacity);
  }
}

/** By a quarter: a column that doubled would be half empty for long. */
function grownCapacity(capacity: number): number {
  return Math.ceil((capacity * 5) / 32) * 8;
}

/** A column of the same width with room for `capacity` slots. */
function grown<T extends Column>(column: T, before: number, capacity: number): T {
  const wider = new (column.constructor as new (length: number) => T)((column.length / before) * capacity);
  wider.set(column);
  return wider;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}

function write(bytes: Uint8Array, start: number, text: string): void {
  for (let at = 0; at < text.length; at++) bytes[start + at] = text.charCodeAt(at);
}
