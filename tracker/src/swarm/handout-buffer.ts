// The handout of one announce as bytes, in memory that is used again for the next.
import type { Handout, HandoutPeer } from "./announce.ts";
import { type CompactEndpoint, isIpv4 } from "./identifiers.ts";
import type { PeerTable } from "./peer-table.ts";

const V4_BYTES = 6;
const V6_BYTES = 18;
const FIRST_CAPACITY = 64;

export class HandoutBuffer implements Handout {
  v4 = new Uint8Array(FIRST_CAPACITY * V4_BYTES);
  v6 = new Uint8Array(FIRST_CAPACITY * V6_BYTES);
  v4Length = 0;
  v6Length = 0;
  #table: PeerTable | undefined;
  #slots: readonly number[] = [];

  get size(): number {
    return this.#slots.length;
  }

  /** Forgets what was in it, and holds these peers. */
  fill(table: PeerTable, slots: readonly number[]): void {
    this.#table = table;
    this.#slots = slots;
    this.v4Length = 0;
    this.v6Length = 0;
    for (const slot of slots) {
      this.#append(table.endpointOf(slot));
      const second = table.secondEndpoint.get(slot);
      if (second !== undefined) this.#append(second);
    }
  }

  peers(): HandoutPeer[] {
    const table = this.#table;
    return table === undefined ? [] : this.#slots.map((slot) => handoutPeer(table, slot));
  }

  #append(endpoint: string): void {
    if (endpoint.length === V4_BYTES) {
      if (this.v4Length + V4_BYTES > this.v4.length) this.v4 = doubled(this.v4);
      for (let at = 0; at < V4_BYTES; at++) this.v4[this.v4Length++] = endpoint.charCodeAt(at);
    } else {
      if (this.v6Length + V6_BYTES > this.v6.length) this.v6 = doubled(this.v6);
      for (let at = 0; at < V6_BYTES; at++) this.v6[this.v6Length++] = endpoint.charCodeAt(at);
    }
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

function handoutPeer(table: PeerTable, slot: number): HandoutPeer {
  const first = table.endpointOf(slot);
  const second = table.secondEndpoint.get(slot);
  const [v4, v6] = isIpv4(first) ? [first, second] : [second, first];
  return { peerId: table.idOf(slot), v4, v6 };
}
