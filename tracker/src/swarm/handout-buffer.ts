// The handout of one announce as bytes, in memory that is used again for the next.
import type { Handout, HandoutPeer } from "./announce.ts";
import { type CompactEndpoint, isIpv4 } from "./identifiers.ts";
import type { PeerTable } from "./peer-table.ts";
import { DUAL, V6 } from "./peer-table.ts";

const V4_BYTES = 6;
const V6_BYTES = 18;
const FIRST_CAPACITY = 64;

export class HandoutBuffer implements Handout {
  size = 0;
  v4 = new Uint8Array(FIRST_CAPACITY * V4_BYTES);
  v6 = new Uint8Array(0);
  v4Length = 0;
  v6Length = 0;
  v4Words = new Uint16Array(this.v4.buffer);
  #table: PeerTable | undefined;
  slots = new Int32Array(FIRST_CAPACITY);

  /** Empty, for peers of this table. */
  begin(table: PeerTable): void {
    this.#table = table;
    this.size = 0;
    this.v4Length = 0;
    this.v6Length = 0;
  }

  /** Makes room for so many peers in all, and their IPv4 endpoints. */
  reserve(most: number): void {
    while (this.slots.length < most) this.#grow();
  }

  add(slot: number): void {
    const table = this.#table;
    if (table === undefined) throw new RangeError("the handout was not begun");
    if (this.size === this.slots.length) this.#grow();
    this.slots[this.size++] = slot;
    const marks = table.marksOf(slot);
    if ((marks & (V6 | DUAL)) !== 0) this.#addBoth(table, slot);
    else {
      table.copyV4(slot, this.v4Words, this.v4Length >> 1);
      this.v4Length += V4_BYTES;
    }
  }

  includes(slot: number): boolean {
    for (let at = 0; at < this.size; at++) if (this.slots[at] === slot) return true;
    return false;
  }

  peers(): HandoutPeer[] {
    const table = this.#table;
    return table === undefined ? [] : Array.from(this.slots.subarray(0, this.size), (slot) => peerOf(table, slot));
  }

  #addBoth(table: PeerTable, slot: number): void {
    const { v4, v6 } = peerOf(table, slot);
    if (v4 !== undefined) this.v4Length = write(v4, this.v4, this.v4Length);
    if (v6 === undefined) return;
    if (this.v6.length === 0) this.v6 = new Uint8Array(this.slots.length * V6_BYTES);
    this.v6Length = write(v6, this.v6, this.v6Length);
  }

  #grow(): void {
    const slots = new Int32Array(this.slots.length * 2);
    slots.set(this.slots);
    this.slots = slots;
    this.v4 = doubled(this.v4);
    this.v4Words = new Uint16Array(this.v4.buffer);
    this.v6 = doubled(this.v6);
  }
}

/** A handout that can be kept. */
export function handoutOf(peers: readonly HandoutPeer[]): Handout {
  const endpoints = peers.flatMap(({ v4, v6 }) => [v4, v6]).filter((endpoint) => endpoint !== undefined);
  const bytesOf = (inFamily: (endpoint: CompactEndpoint) => boolean) =>
    Buffer.from(endpoints.filter(inFamily).join(""), "latin1");
  const v4 = bytesOf(isIpv4);
  const v6 = bytesOf((endpoint) => !isIpv4(endpoint));
  return { size: peers.length, v4, v4Length: v4.length, v6, v6Length: v6.length, peers: () => [...peers] };
}

/** For answers without peers. */
export const NOBODY: Handout = handoutOf([]);

function doubled(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const wider = new Uint8Array(bytes.length * 2);
  wider.set(bytes);
  return wider;
}

function write(text: string, to: Uint8Array, from: number): number {
  for (let at = 0; at < text.length; at++) to[from + at] = text.charCodeAt(at);
  return from + text.length;
}

function peerOf(table: PeerTable, slot: number): HandoutPeer {
  const first = table.endpointOf(slot);
  const second = table.secondEndpointOf(slot);
  const [v4, v6] = isIpv4(first) ? [first, second] : [second, first];
  return { peerId: table.idOf(slot), v4, v6 };
}
