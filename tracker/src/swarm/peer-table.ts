// The peers of one swarm in typed arrays: a peer is a small integer, its slot, valid as long as it lives.
import type { ChangeListener } from "./change-listener.ts";
import { clientFamily, familyNumber } from "./client-families.ts";
import type { CompactEndpoint, HostAddress, PeerId } from "./identifiers.ts";
import { hostOf, isIpv4, PEER_ID_BYTES, portOf } from "./identifiers.ts";
import type { Group } from "./group.ts";
import {
  MARKS_AT as SEAT_MARKS_AT,
  NO_ROOM,
  Rooms,
  SAFE_UNTIL_AT,
  SEAT_BYTES,
  SEAT_HALVES,
  SEAT_WORDS,
} from "./rooms.ts";
import { NO_SLOT, SlotIndex } from "./slot-index.ts";

const [V4_HOST_BYTES, V4_BYTES, V6_HOST_BYTES, V6_BYTES] = [4, 6, 16, 18] as const;
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

type Column = Uint32Array | Int32Array | Uint8Array;

/**
 * What an announce reads and writes of its peer lies side by side, because each place that is looked at in a large swarm is one that the
 * processor has to wait for. Bytes from: id 0, endpoint 20 (BEP 23; nothing where the peer is counted for an IPv6 one), marks 26, levels
 * represented 27, position in the room 28, left 32, seen 40, hopeful 48, uploaded 56, downloaded 64, rate 72, habit 76, room 80, serial 84.
 */
const ROW_BYTES = 88;
const ENDPOINT_AT = 20;
const MARKS_AT = 26;
const REPRESENTS_AT = 27;
/** In words of 16 and of 32 bits, in floats, and in doubles. */
const ROW_HALVES = 44;
const ENDPOINT_HALF = 10;
const ROW_WORDS = 22;
const POSITION_WORD = 7;
const RATE_FLOAT = 18;
const HABIT_FLOAT = 19;
const ROOM_WORD = 20;
const SERIAL_WORD = 21;
const ROW_DOUBLES = 11;
const LEFT_DOUBLE = 4;
const SEEN_DOUBLE = 5;
const HOPEFUL_DOUBLE = 6;
const UPLOADED_DOUBLE = 7;
const DOWNLOADED_DOUBLE = 8;
/** The position of a peer that is in no room, yet or any more. */
const NO_POSITION = 0xffffffff;

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

  #rows = new Uint8Array(FIRST_CAPACITY * ROW_BYTES);
  #halves = new Uint16Array(this.#rows.buffer);
  #words = new Uint32Array(this.#rows.buffer);
  #floats = new Float32Array(this.#rows.buffer);
  #doubles = new Float64Array(this.#rows.buffer);
  /** IPv6 endpoints as BEP 7 has them; without room until there is one. */
  v6 = new Uint8Array(0);
  /** A hash of the client's `key`; 0 when it sent none. */
  keys = new Uint32Array(FIRST_CAPACITY);
  /** See `clientFamily`. */
  families = new Uint8Array(FIRST_CAPACITY);
  /** Seconds since the epoch. */
  bornAt = new Uint32Array(FIRST_CAPACITY);
  /** Seconds since the epoch; 0 while incomplete. */
  completedAt = new Uint32Array(FIRST_CAPACITY);
  /** The place in line: unique in the swarm, smaller stands longer. */
  place = new Uint32Array(FIRST_CAPACITY);
  /** Neighbours in the rack's line; `next` of a slot that was given back is another one. */
  next = new Int32Array(FIRST_CAPACITY);
  previous = new Int32Array(FIRST_CAPACITY);
  /** The next client on the same host, where there is one. */
  readonly companion = new Map<number, number>();
  readonly rooms = new Rooms((slot, position) => (this.#words[slot * ROW_WORDS + POSITION_WORD] = position));
  /** The rack of each room, and the path that its peers gave last: whoever gives the same one is in the rack. */
  readonly racks: (Group | undefined)[] = [undefined];
  readonly paths: (readonly string[] | undefined)[] = [undefined];
  /** The endpoint of the other address family, for the few that have one. */
  readonly #secondEndpoint = new Map<number, CompactEndpoint>();

  readonly byId = new SlotIndex({ bytes: this.#rows, offset: 0, width: PEER_ID_BYTES, stride: ROW_BYTES });
  /** Only the first client of a host is in it; the others hang on it by `companion`. */
  readonly #byV4Host = new SlotIndex({
    bytes: this.#rows,
    offset: ENDPOINT_AT,
    width: V4_HOST_BYTES,
    stride: ROW_BYTES,
  });
  readonly #byV6Host = new SlotIndex({ bytes: this.v6, offset: 0, width: V6_HOST_BYTES, stride: V6_BYTES });

  /** The first of the slots that were given back. */
  #free = NO_SLOT;

  readonly listener: ChangeListener;

  constructor(listener: ChangeListener) {
    this.listener = listener;
  }

  isLive(slot: number): boolean {
    return this.roomOf(slot) !== NO_ROOM;
  }

  /** Of a live peer. */
  roomOf(slot: number): number {
    return this.#words[slot * ROW_WORDS + ROOM_WORD] ?? NO_ROOM;
  }

  rackOf(slot: number): Group | undefined {
    return this.racks[this.roomOf(slot)];
  }

  setRack(slot: number, rack: Group | undefined): void {
    this.#words[slot * ROW_WORDS + ROOM_WORD] = rack?.room ?? NO_ROOM;
  }

  /** The number of a new rack's room. */
  openRoom(rack: Group): number {
    const room = this.rooms.open();
    this.racks[room] = rack;
    this.paths[room] = undefined;
    return room;
  }

  closeRoom(room: number): void {
    this.racks[room] = undefined;
    this.paths[room] = undefined;
    this.rooms.close(room);
  }

  /** Gives a peer a seat in its rack's room, among those that are as complete as it. */
  sit(slot: number): void {
    this.rooms.enter(this.roomOf(slot), slot, this.isComplete(slot));
    const seat = this.#seatOf(slot);
    const { halves } = this.rooms;
    const [from, to] = [slot * ROW_HALVES + ENDPOINT_HALF, seat * SEAT_HALVES];
    for (let at = 0; at < V4_BYTES / 2; at++) halves[to + at] = this.#halves[from + at] ?? 0;
    this.rooms.bytes[seat * SEAT_BYTES + SEAT_MARKS_AT] = this.marksOf(slot);
    this.setSafeUntil(slot, 0);
  }

  rise(slot: number): void {
    const row = slot * ROW_WORDS;
    this.rooms.leave(this.roomOf(slot), this.#words[row + POSITION_WORD] ?? 0);
    this.#words[row + POSITION_WORD] = NO_POSITION;
  }

  /** `NO_SLOT` for a peer that is in no room. */
  #seatOf(slot: number): number {
    const row = slot * ROW_WORDS;
    const position = this.#words[row + POSITION_WORD] ?? NO_POSITION;
    return position === NO_POSITION ? NO_SLOT : (this.rooms.first[this.#words[row + ROOM_WORD] ?? 0] ?? 0) + position;
  }

  /** Identity that survives a reconnect within the told memory; 0 in a free slot. */
  serialOf(slot: number): number {
    return this.#words[slot * ROW_WORDS + SERIAL_WORD] ?? 0;
  }

  setSerial(slot: number, serial: number): void {
    this.#words[slot * ROW_WORDS + SERIAL_WORD] = serial;
  }

  /** All marks of a peer: flags and traits. */
  marksOf(slot: number): number {
    return this.#rows[slot * ROW_BYTES + MARKS_AT] ?? 0;
  }

  #setMarks(slot: number, marks: number): void {
    this.#rows[slot * ROW_BYTES + MARKS_AT] = marks;
    const seat = this.#seatOf(slot);
    if (seat !== NO_SLOT) this.rooms.bytes[seat * SEAT_BYTES + SEAT_MARKS_AT] = marks;
  }

  has(slot: number, mark: number): boolean {
    return (this.marksOf(slot) & mark) !== 0;
  }

  setFlag(slot: number, flag: number, on: boolean): void {
    const marks = this.marksOf(slot);
    if (((marks & flag) !== 0) !== on) this.#setMarks(slot, marks ^ flag);
  }

  flagsOf(slot: number): number {
    return this.marksOf(slot) & FLAGS;
  }

  setFlags(slot: number, flags: number): void {
    this.#setMarks(slot, (this.marksOf(slot) & ~FLAGS) | (flags & FLAGS));
  }

  isLate(slot: number): boolean {
    return this.has(slot, LATE);
  }

  isComplete(slot: number): boolean {
    return this.has(slot, COMPLETE);
  }

  /** How many levels the peer represents. */
  representsOf(slot: number): number {
    return this.#rows[slot * ROW_BYTES + REPRESENTS_AT] ?? 0;
  }

  setRepresents(slot: number, levels: number): void {
    this.#rows[slot * ROW_BYTES + REPRESENTS_AT] = levels;
  }

  /** Before this, in whole seconds since the epoch, the peer is surely not gone; see `noteLife`. */
  setSafeUntil(slot: number, seconds: number): void {
    const seat = this.#seatOf(slot);
    if (seat !== NO_SLOT) this.rooms.words[seat * SEAT_WORDS + SAFE_UNTIL_AT] = seconds;
  }

  /** Bytes the peer lacks. */
  leftOf(slot: number): number {
    return this.#doubles[slot * ROW_DOUBLES + LEFT_DOUBLE] ?? 0;
  }

  /** Of a peer that has a seat, call it only when that makes it neither complete nor incomplete; see `changeLeft`. */
  setLeft(slot: number, left: number): void {
    this.#doubles[slot * ROW_DOUBLES + LEFT_DOUBLE] = left;
    this.setFlag(slot, COMPLETE, left === 0);
  }

  seenAtOf(slot: number): number {
    return this.#doubles[slot * ROW_DOUBLES + SEEN_DOUBLE] ?? 0;
  }

  setSeenAt(slot: number, at: number): void {
    this.#doubles[slot * ROW_DOUBLES + SEEN_DOUBLE] = at;
  }

  /** When the peer last progressed, or was given a fresh source. */
  hopefulAtOf(slot: number): number {
    return this.#doubles[slot * ROW_DOUBLES + HOPEFUL_DOUBLE] ?? 0;
  }

  setHopefulAt(slot: number, at: number): void {
    this.#doubles[slot * ROW_DOUBLES + HOPEFUL_DOUBLE] = at;
  }

  uploadedOf(slot: number): number {
    return this.#doubles[slot * ROW_DOUBLES + UPLOADED_DOUBLE] ?? 0;
  }

  downloadedOf(slot: number): number {
    return this.#doubles[slot * ROW_DOUBLES + DOWNLOADED_DOUBLE] ?? 0;
  }

  setTransferred(slot: number, uploaded: number, downloaded: number): void {
    this.#doubles[slot * ROW_DOUBLES + UPLOADED_DOUBLE] = uploaded;
    this.#doubles[slot * ROW_DOUBLES + DOWNLOADED_DOUBLE] = downloaded;
  }

  /** Bytes a second, smoothed. */
  rateOf(slot: number): number {
    return this.#floats[slot * ROW_WORDS + RATE_FLOAT] ?? 0;
  }

  setRate(slot: number, rate: number): void {
    this.#floats[slot * ROW_WORDS + RATE_FLOAT] = rate;
  }

  /** The announce gap the peer has shown to keep, in milliseconds; 0 while it has shown none. */
  habitOf(slot: number): number {
    return this.#floats[slot * ROW_WORDS + HABIT_FLOAT] ?? 0;
  }

  setHabit(slot: number, gapMs: number): void {
    this.#floats[slot * ROW_WORDS + HABIT_FLOAT] = gapMs;
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
      case "serial":
        return this.serialOf(slot);
      case "uploaded":
        return this.uploadedOf(slot);
      case "downloaded":
        return this.downloadedOf(slot);
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
      case "serial":
        return this.setSerial(slot, value);
      case "uploaded":
        return this.setTransferred(slot, value, this.downloadedOf(slot));
      case "downloaded":
        return this.setTransferred(slot, this.uploadedOf(slot), value);
      default:
        this[column][slot] = value;
    }
  }

  /** A slot without a rack; the caller fills its columns. */
  allocate(): number {
    this.size++;
    const slot = this.#free;
    if (slot !== NO_SLOT) this.#free = this.next[slot] ?? NO_SLOT;
    else if (this.top === this.capacity) this.#grow();
    const fresh = slot === NO_SLOT ? this.top++ : slot;
    this.#words[fresh * ROW_WORDS + POSITION_WORD] = NO_POSITION;
    return fresh;
  }

  release(slot: number): void {
    this.setRack(slot, undefined);
    this.setSerial(slot, 0);
    this.setSecondEndpoint(slot, undefined);
    this.companion.delete(slot);
    this.next[slot] = this.#free;
    this.#free = slot;
    this.size--;
  }

  idOf(slot: number): PeerId {
    const start = slot * ROW_BYTES;
    return latin1(this.#rows, start, start + PEER_ID_BYTES) as PeerId;
  }

  /** The peer's id, and what follows from it. */
  setId(slot: number, id: PeerId): void {
    write(this.#rows, slot * ROW_BYTES, id);
    const family = familyNumber(id);
    this.families[slot] = family;
    this.setFlag(slot, LATE, clientFamily(family).lateHave);
  }

  /** The host a peer is counted for: 4 or 16 bytes. */
  hostOf(slot: number): HostAddress {
    return hostOf(this.endpointOf(slot));
  }

  endpointOf(slot: number): CompactEndpoint {
    const start = this.#endpointStart(slot);
    return this.has(slot, V6)
      ? (latin1(this.v6, start, start + V6_BYTES) as CompactEndpoint)
      : (latin1(this.#rows, start, start + V4_BYTES) as CompactEndpoint);
  }

  /** The endpoint a new peer is counted for. */
  setEndpoint(slot: number, endpoint: CompactEndpoint): void {
    const isV6 = !isIpv4(endpoint);
    this.setFlag(slot, V6, isV6);
    if (isV6) this.#makeRoomForV6();
    write(isV6 ? this.v6 : this.#rows, this.#endpointStart(slot), endpoint);
  }

  #endpointStart(slot: number): number {
    return this.has(slot, V6) ? slot * V6_BYTES : slot * ROW_BYTES + ENDPOINT_AT;
  }

  /** Whether the peer is counted for the host of an endpoint. */
  isOnHost(slot: number, endpoint: CompactEndpoint): boolean {
    const isV6 = this.has(slot, V6);
    if (isV6 === isIpv4(endpoint)) return false;
    const bytes = isV6 ? this.v6 : this.#rows;
    const start = this.#endpointStart(slot);
    const width = isV6 ? V6_HOST_BYTES : V4_HOST_BYTES;
    for (let at = 0; at < width; at++) if (bytes[start + at] !== endpoint.charCodeAt(at)) return false;
    return true;
  }

  portOf(slot: number): number {
    const bytes = this.#endpointBytes(slot);
    const at = this.#portStart(slot);
    return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  }

  setPort(slot: number, endpoint: CompactEndpoint): void {
    const port = portOf(endpoint);
    if (port === this.portOf(slot)) return;
    writePort(this.#endpointBytes(slot), this.#portStart(slot), port);
    const seat = this.#seatOf(slot);
    if (seat !== NO_SLOT && !this.has(slot, V6)) writePort(this.rooms.bytes, seat * SEAT_BYTES + V4_HOST_BYTES, port);
  }

  #endpointBytes(slot: number): Uint8Array {
    return this.has(slot, V6) ? this.v6 : this.#rows;
  }

  #portStart(slot: number): number {
    return this.#endpointStart(slot) + (this.has(slot, V6) ? V6_HOST_BYTES : V4_HOST_BYTES);
  }

  /** Copies the IPv4 endpoint of a peer that is counted for one. */
  copyV4(slot: number, to: Uint16Array, at: number): void {
    const from = slot * ROW_HALVES + ENDPOINT_HALF;
    to[at] = this.#halves[from] ?? 0;
    to[at + 1] = this.#halves[from + 1] ?? 0;
    to[at + 2] = this.#halves[from + 2] ?? 0;
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
    this.#rows = grown(this.#rows, before, this.capacity);
    this.#halves = new Uint16Array(this.#rows.buffer);
    this.#words = new Uint32Array(this.#rows.buffer);
    this.#floats = new Float32Array(this.#rows.buffer);
    this.#doubles = new Float64Array(this.#rows.buffer);
    this.byId.moveTo(this.#rows);
    this.#byV4Host.moveTo(this.#rows);
    if (this.v6.length > 0) this.#makeRoomForV6();
    this.keys = grown(this.keys, before, this.capacity);
    this.families = grown(this.families, before, this.capacity);
    this.bornAt = grown(this.bornAt, before, this.capacity);
    this.completedAt = grown(this.completedAt, before, this.capacity);
    this.place = grown(this.place, before, this.capacity);
    this.next = grown(this.next, before, this.capacity);
    this.previous = grown(this.previous, before, this.capacity);
  }
}

/** By an eighth: a column that doubled would be half empty for long. */
function grownCapacity(capacity: number): number {
  return Math.ceil((capacity * 9) / 64) * 8;
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

function writePort(bytes: Uint8Array, at: number, port: number): void {
  bytes[at] = port >> 8;
  bytes[at + 1] = port & 0xff;
}
