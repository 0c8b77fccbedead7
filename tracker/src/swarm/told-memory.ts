// Which pairs were told of each other: clients refuse to connect a pair twice within ten minutes, so a pair is spent once.
import type { ChangeListener } from "./change-listener.ts";
import type { CompactEndpoint } from "./identifiers.ts";

/** How long libtorrent (rtorrent) refuses a peer it was connected to before. */
export const TOLD_MEMORY_MS = 600_000;
const MOST_TOLD = 256;

/** A peer that another was told of, or that departed from its endpoint, and when. */
interface Dated {
  readonly serial: number;
  readonly at: number;
}

/** Peers are named by serial, which a peer gets back when it returns to its endpoint within the memory. */
export class ToldMemory {
  readonly #tellings = new Map<number, Dated[]>();
  readonly #slots = new Map<number, number>();
  readonly #departed = new Map<CompactEndpoint, Dated>();
  readonly #listener: ChangeListener;

  constructor(listener: ChangeListener) {
    this.#listener = listener;
  }

  /** Remembers that two live peers were told of each other. */
  remember(one: ToldPeer, other: ToldPeer, now: number): void {
    this.#note(one, other.serial, now);
    this.#note(other, one.serial, now);
    this.#listener.told(one.serial, other.serial, now);
  }

  /** As `remember`, of peers that may have departed; call `settle` for those that are live. */
  recall(one: number, other: number, at: number): void {
    this.#recall(one, other, at);
    this.#recall(other, one, at);
  }

  /** As `depart`, of a peer that was never seen here. */
  recallDeparture(serial: number, endpoint: CompactEndpoint, at: number): void {
    this.#departed.set(endpoint, { serial, at });
  }

  isSpent(one: number, other: number, now: number): boolean {
    const tellings = this.#tellings.get(one);
    return tellings !== undefined && tellings.some(({ serial, at }) => serial === other && now - at < TOLD_MEMORY_MS);
  }

  /** The live peers that this one was told of, or told to. */
  *partners(serial: number, now: number): Generator<number> {
    for (const telling of this.#tellings.get(serial) ?? []) {
      const slot = this.#slots.get(telling.serial);
      if (slot !== undefined && now - telling.at < TOLD_MEMORY_MS) yield slot;
    }
  }

  /** The peer's process ended: clients count the ten minutes from the end of the connection. */
  renew(serial: number, now: number): void {
    for (const other of this.#tellings.get(serial)?.map((telling) => telling.serial) ?? []) {
      this.#renew(serial, other, now);
      this.#renew(other, serial, now);
      this.#listener.told(serial, other, now);
    }
  }

  depart(peer: ToldPeer, endpoint: CompactEndpoint, now: number): void {
    if (!this.#slots.delete(peer.serial)) return;
    this.renew(peer.serial, now);
    this.#departed.set(endpoint, { serial: peer.serial, at: now });
    this.#forgetOldest(now);
  }

  /** The serial a peer had on this endpoint before, if it is still remembered. */
  returning(endpoint: CompactEndpoint, now: number): number | undefined {
    const departed = this.#departed.get(endpoint);
    if (departed === undefined || now - departed.at >= TOLD_MEMORY_MS) return undefined;
    this.#departed.delete(endpoint);
    return departed.serial;
  }

  /** The slot of a peer that has a memory; call when a returning peer got its new slot. */
  settle(peer: ToldPeer): void {
    if (this.#tellings.has(peer.serial)) this.#slots.set(peer.serial, peer.slot);
  }

  /** Plain data for a snapshot: [one, other, at] of every pair. */
  entries(now: number): number[] {
    const flat: number[] = [];
    for (const [one, tellings] of this.#tellings) {
      for (const { serial, at } of tellings) if (one < serial && now - at < TOLD_MEMORY_MS) flat.push(one, serial, at);
    }
    return flat;
  }

  #renew(one: number, other: number, now: number): void {
    const tellings = this.#tellings.get(one);
    const at = tellings?.findIndex(({ serial }) => serial === other) ?? -1;
    if (at >= 0) tellings?.splice(at, 1, { serial: other, at: now });
  }

  #note(peer: ToldPeer, serial: number, at: number): void {
    this.#slots.set(peer.serial, peer.slot);
    this.#add(peer.serial, { serial, at });
  }

  #recall(one: number, other: number, at: number): void {
    const known = this.#tellings.get(one)?.some(({ serial }) => serial === other) ?? false;
    if (known) this.#renew(one, other, at);
    else this.#add(one, { serial: other, at });
  }

  #add(one: number, telling: Dated): void {
    const tellings = this.#tellings.get(one);
    if (tellings === undefined) {
      this.#tellings.set(one, [telling]);
      return;
    }
    if (tellings.length >= MOST_TOLD) tellings.shift();
    tellings.push(telling);
  }

  /** Departed peers are in order of departure, so the oldest are at the front. */
  #forgetOldest(now: number): void {
    for (const [endpoint, { serial, at }] of this.#departed) {
      if (now - at < TOLD_MEMORY_MS) return;
      this.#departed.delete(endpoint);
      if (!this.#slots.has(serial)) this.#tellings.delete(serial);
    }
  }
}

export interface ToldPeer {
  readonly slot: number;
  readonly serial: number;
}
