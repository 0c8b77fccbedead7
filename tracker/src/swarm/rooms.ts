// What a handout reads of every candidate, rack by rack: the peers of a rack sit side by side in memory, complete ones first.
import { BUSY_UNTIL, LOOK_AT, NOTES } from "./rack-notes.ts";
import { NO_SLOT } from "./slot-index.ts";
import type { Members } from "./slot-set.ts";

/** A seat: IPv4 endpoint at 0 as BEP 23 has it, marks at 6, slot at 8, and at 12 a second before which the peer is not gone. */
export const SEAT_BYTES = 16;
export const MARKS_AT = 6;
/** The same in 16-bit and in 32-bit words. */
export const SEAT_HALVES = 8;
export const SEAT_WORDS = 4;
export const SLOT_AT = 2;
export const SAFE_UNTIL_AT = 3;

export const NO_ROOM = 0;
const FIRST_ROOMS = 4;
const FIRST_SEATS = 8;
/** Rooms, and the memory of all rooms, grow by this part: doubled ones would be half empty for long. */
const GROWTH = 8;

/** Hears where in its room a peer sits from now on. */
export type Seated = (slot: number, position: number) => void;

/** Rooms by number, `NO_ROOM` is none. What a seat says of its peer, but for the slot, is the peer table's to write. */
export class Rooms {
  bytes = new Uint8Array(FIRST_SEATS * SEAT_BYTES);
  halves = new Uint16Array(this.bytes.buffer);
  words = new Uint32Array(this.bytes.buffer);
  /** The first seat of each room, and how many peers of either kind sit from there on. */
  first = new Int32Array(FIRST_ROOMS);
  complete = new Int32Array(FIRST_ROOMS);
  incomplete = new Int32Array(FIRST_ROOMS);
  /** See `rack-notes.ts`. */
  notes = new Float64Array(FIRST_ROOMS * NOTES);
  #capacity = new Int32Array(FIRST_ROOMS);
  /** Rooms and seats below these were in use. */
  #roomTop = NO_ROOM + 1;
  #seatTop = 0;
  readonly #closed: number[] = [];
  readonly #seated: Seated;

  constructor(seated: Seated) {
    this.#seated = seated;
  }

  open(): number {
    const closed = this.#closed.pop();
    if (closed !== undefined) return closed;
    if (this.#roomTop === this.first.length) this.#makeRooms();
    return this.#roomTop++;
  }

  /** Of a room that is empty. */
  close(room: number): void {
    this.#capacity[room] = 0;
    this.notes.fill(0, room * NOTES, (room + 1) * NOTES);
    this.#closed.push(room);
  }

  populationOf(room: number): number {
    return (this.complete[room] ?? 0) + (this.incomplete[room] ?? 0);
  }

  enter(room: number, slot: number, isComplete: boolean): void {
    const population = this.populationOf(room);
    if (population === this.#capacity[room]) this.#extend(room);
    this.endBusy(room);
    const complete = this.complete[room] ?? 0;
    if (!isComplete) {
      this.incomplete[room] = population - complete + 1;
      this.#seat(room, slot, population);
      return;
    }
    if (complete < population) this.#move(room, complete, population);
    this.complete[room] = complete + 1;
    this.#seat(room, slot, complete);
  }

  leave(room: number, position: number): void {
    this.endBusy(room);
    const last = this.populationOf(room) - 1;
    const lastComplete = (this.complete[room] ?? 0) - 1;
    if (position > lastComplete) {
      this.#move(room, last, position);
      this.incomplete[room] = last - lastComplete - 1;
      return;
    }
    this.#move(room, lastComplete, position);
    this.#move(room, last, lastComplete);
    this.complete[room] = lastComplete;
  }

  /** Who serves whom in the room changed. */
  endBusy(room: number): void {
    this.notes[room * NOTES + BUSY_UNTIL] = 0;
    this.notes[room * NOTES + LOOK_AT] = 0;
  }

  #seat(room: number, slot: number, position: number): void {
    this.words[((this.first[room] ?? 0) + position) * SEAT_WORDS + SLOT_AT] = slot;
    this.#seated(slot, position);
  }

  #move(room: number, from: number, to: number): void {
    if (from === to) return;
    const first = this.first[room] ?? 0;
    const start = (first + from) * SEAT_WORDS;
    this.words.copyWithin((first + to) * SEAT_WORDS, start, start + SEAT_WORDS);
    this.#seated(this.words[start + SLOT_AT] ?? 0, to);
  }

  /** Moves the room to where it can be larger; what it leaves behind is got back by the next `#tidy`. */
  #extend(room: number): void {
    const capacity = withSlack(this.#capacity[room] ?? 0);
    this.#capacity[room] = capacity;
    if ((this.#seatTop + capacity) * SEAT_BYTES > this.bytes.length) {
      this.#tidy();
      return;
    }
    this.#copyRoom(room, this.words, this.#seatTop);
    this.#seatTop += capacity;
  }

  /** All rooms anew, side by side, with some seats to spare behind them. */
  #tidy(): void {
    const from = this.words;
    let seats = 0;
    for (const capacity of this.#capacity) seats += capacity;
    this.bytes = new Uint8Array(withSlack(seats) * SEAT_BYTES);
    this.halves = new Uint16Array(this.bytes.buffer);
    this.words = new Uint32Array(this.bytes.buffer);
    this.#seatTop = 0;
    for (let room = NO_ROOM + 1; room < this.#roomTop; room++) {
      this.#copyRoom(room, from, this.#seatTop);
      this.#seatTop += this.#capacity[room] ?? 0;
    }
  }

  #copyRoom(room: number, from: Uint32Array, to: number): void {
    const start = (this.first[room] ?? 0) * SEAT_WORDS;
    const end = start + this.populationOf(room) * SEAT_WORDS;
    this.words.set(from.subarray(start, end), to * SEAT_WORDS);
    this.first[room] = to;
  }

  #makeRooms(): void {
    const count = withSlack(this.first.length);
    this.first = grown(this.first, count);
    this.complete = grown(this.complete, count);
    this.incomplete = grown(this.incomplete, count);
    this.#capacity = grown(this.#capacity, count);
    this.notes = grown(this.notes, count * NOTES);
  }
}

/** The complete or the incomplete peers of a room. */
export class RoomMembers implements Members {
  readonly #rooms: Rooms;
  readonly #room: number;
  readonly #complete: boolean;

  constructor(rooms: Rooms, room: number, complete: boolean) {
    this.#rooms = rooms;
    this.#room = room;
    this.#complete = complete;
  }

  get size(): number {
    return (this.#complete ? this.#rooms.complete : this.#rooms.incomplete)[this.#room] ?? 0;
  }

  /** The seat of the first; the others follow. */
  get firstSeat(): number {
    const { first, complete } = this.#rooms;
    return (first[this.#room] ?? 0) + (this.#complete ? 0 : (complete[this.#room] ?? 0));
  }

  at(position: number): number {
    if (position >= this.size) return NO_SLOT;
    return this.#rooms.words[(this.firstSeat + position) * SEAT_WORDS + SLOT_AT] ?? NO_SLOT;
  }

  *[Symbol.iterator](): Generator<number> {
    for (let position = 0; position < this.size; position++) yield this.at(position);
  }
}

function withSlack(count: number): number {
  return count + Math.max(2, Math.ceil(count / GROWTH));
}

function grown<T extends Int32Array | Float64Array>(column: T, length: number): T {
  const longer = new (column.constructor as new (length: number) => T)(length);
  longer.set(column);
  return longer;
}
