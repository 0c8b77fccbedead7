// Which pairs were told of each other: clients refuse to connect a pair twice within ten minutes, so a pair is spent once.
import type { ChangeListener } from "./change-listener.ts";
import type { CompactEndpoint } from "./identifiers.ts";
import type { PeerTable } from "./peer-table.ts";
import { NO_SLOT } from "./slot-index.ts";

/** How long libtorrent (rtorrent) refuses a peer it was connected to before. */
export const TOLD_MEMORY_MS = 600_000;
const MOST_TOLD = 256;

/** Whom one peer was told of, or told to, the oldest first: entry by entry who, where it was last, and when. */
export class Tellings {
  readonly serial: number;
  /** Where the peer is; whoever reads it makes sure that the slot still holds the serial. */
  slot = NO_SLOT;
  readonly serials: number[] = [];
  readonly slots: number[] = [];
  /** Milliseconds since the epoch. */
  readonly times: number[] = [];

  constructor(serial: number) {
    this.serial = serial;
  }

  add(serial: number, slot: number, at: number): void {
    if (this.serials.length >= MOST_TOLD) {
      this.serials.shift();
      this.slots.shift();
      this.times.shift();
    }
    this.serials.push(serial);
    this.slots.push(slot);
    this.times.push(at);
  }

  renew(serial: number, at: number): void {
    const index = this.serials.indexOf(serial);
    if (index >= 0) this.times[index] = at;
  }

  isSpent(serial: number, now: number): boolean {
    for (let index = 0; index < this.serials.length; index++) {
      if (this.serials[index] === serial && now - (this.times[index] ?? 0) < TOLD_MEMORY_MS) return true;
    }
    return false;
  }
}

interface Departure {
  readonly serial: number;
  readonly at: number;
}

/** Peers are named by serial, which a peer gets back when it returns to its endpoint within the memory. */
export class ToldMemory {
  readonly #bySerial = new Map<number, Tellings>();
  /** The same for live peers, to be had without a search. */
  readonly #bySlot: (Tellings | undefined)[] = [];
  readonly #departed = new Map<CompactEndpoint, Departure>();
  readonly #table: PeerTable;
  readonly #listener: ChangeListener;

  constructor(table: PeerTable, listener: ChangeListener) {
    this.#table = table;
    this.#listener = listener;
  }

  /** Remembers that two live peers were told of each other. */
  remember(one: number, other: number, now: number): void {
    const [oneSerial, otherSerial] = [this.#table.serialOf(one), this.#table.serialOf(other)];
    this.#add(this.#ensure(oneSerial, one), otherSerial, other, now);
    this.#add(this.#ensure(otherSerial, other), oneSerial, one, now);
    this.#listener.told(oneSerial, otherSerial, now);
  }

  /** As `remember`, by serial, of peers that may have departed; call `settle` for those that are live. */
  recall(one: number, other: number, at: number): void {
    this.#recall(one, other, at);
    this.#recall(other, one, at);
  }

  /** As `depart`, of a peer that was never seen here. */
  recallDeparture(serial: number, endpoint: CompactEndpoint, at: number): void {
    this.#noteDeparture(endpoint, { serial, at });
  }

  /** Of two live peers. */
  isSpent(one: number, other: number, now: number): boolean {
    return this.of(one)?.isSpent(this.#table.serialOf(other), now) === true;
  }

  /** What a live peer was told; undefined when that is nothing. Read it by `partner`. */
  of(slot: number): Tellings | undefined {
    const tellings = this.#bySlot[slot];
    return tellings?.serial === this.#table.serialOf(slot) ? tellings : undefined;
  }

  /** The slot of an entry's peer; `NO_SLOT` when it is not live, or the telling is no longer remembered. */
  partner(tellings: Tellings, index: number, now: number): number {
    if (now - (tellings.times[index] ?? 0) >= TOLD_MEMORY_MS) return NO_SLOT;
    const serial = tellings.serials[index] ?? 0;
    const slot = tellings.slots[index] ?? NO_SLOT;
    if (slot !== NO_SLOT && this.#table.serialOf(slot) === serial) return slot;
    return (tellings.slots[index] = this.#slotOf(serial));
  }

  /** The peer's process ended: clients count the ten minutes from the end of the connection. */
  renew(slot: number, now: number): void {
    const tellings = this.of(slot);
    if (tellings === undefined) return;
    for (const [index, other] of tellings.serials.entries()) {
      tellings.times[index] = now;
      this.#bySerial.get(other)?.renew(tellings.serial, now);
      this.#listener.told(tellings.serial, other, now);
    }
  }

  /** Call while the peer is still in the table. */
  depart(slot: number, now: number): void {
    const tellings = this.of(slot);
    if (tellings === undefined) return;
    this.renew(slot, now);
    tellings.slot = NO_SLOT;
    this.#bySlot[slot] = undefined;
    this.#noteDeparture(this.#table.endpointOf(slot), { serial: tellings.serial, at: now });
    this.#forgetOldest(now);
  }

  /** The serial a peer had on this endpoint before, if it is still remembered. */
  returning(endpoint: CompactEndpoint, now: number): number | undefined {
    const departed = this.#departed.get(endpoint);
    if (departed === undefined || now - departed.at >= TOLD_MEMORY_MS) return undefined;
    this.#departed.delete(endpoint);
    return departed.serial;
  }

  /** A peer got its slot; call it with its serial in the table. */
  settle(slot: number): void {
    const tellings = this.#bySerial.get(this.#table.serialOf(slot));
    if (tellings !== undefined) this.#seat(tellings, slot);
  }

  /** Plain data for a snapshot: [one, other, at] of every pair. */
  entries(now: number): number[] {
    const flat: number[] = [];
    for (const [one, { serials, times }] of this.#bySerial) {
      for (const [index, other] of serials.entries()) {
        const at = times[index] ?? 0;
        if (one < other && now - at < TOLD_MEMORY_MS) flat.push(one, other, at);
      }
    }
    return flat;
  }

  #add(tellings: Tellings, serial: number, slot: number, at: number): void {
    // The oldest telling goes, and with it perhaps a taker that was counted on.
    const isFull = tellings.serials.length >= MOST_TOLD && tellings.slot !== NO_SLOT;
    if (isFull) this.#table.rooms.endBusy(this.#table.roomOf(tellings.slot));
    tellings.add(serial, slot, at);
  }

  #recall(one: number, other: number, at: number): void {
    const tellings = this.#ensure(one);
    if (tellings.serials.includes(other)) tellings.renew(other, at);
    else this.#add(tellings, other, NO_SLOT, at);
  }

  #ensure(serial: number, slot = NO_SLOT): Tellings {
    const known = slot === NO_SLOT ? this.#bySerial.get(serial) : (this.of(slot) ?? this.#bySerial.get(serial));
    const tellings = known ?? new Tellings(serial);
    if (known === undefined) this.#bySerial.set(serial, tellings);
    if (slot !== NO_SLOT && tellings.slot !== slot) this.#seat(tellings, slot);
    return tellings;
  }

  #seat(tellings: Tellings, slot: number): void {
    tellings.slot = slot;
    // Filled in order, so that it stays a dense array.
    while (this.#bySlot.length < slot) this.#bySlot.push(undefined);
    this.#bySlot[slot] = tellings;
  }

  #slotOf(serial: number): number {
    const slot = this.#bySerial.get(serial)?.slot ?? NO_SLOT;
    return slot !== NO_SLOT && this.#table.serialOf(slot) === serial ? slot : NO_SLOT;
  }

  /** One peer at most can return to an endpoint: who departed from it before is forgotten. */
  #noteDeparture(endpoint: CompactEndpoint, departure: Departure): void {
    const before = this.#departed.get(endpoint);
    this.#departed.delete(endpoint);
    this.#departed.set(endpoint, departure);
    if (before !== undefined && before.serial !== departure.serial) this.#forget(before.serial);
  }

  /** Departed peers are in order of departure, so the oldest are at the front. */
  #forgetOldest(now: number): void {
    for (const [endpoint, { serial, at }] of this.#departed) {
      if (now - at < TOLD_MEMORY_MS) return;
      this.#departed.delete(endpoint);
      this.#forget(serial);
    }
  }

  /** Unless it is live. */
  #forget(serial: number): void {
    if (this.#slotOf(serial) === NO_SLOT) this.#bySerial.delete(serial);
  }
}
