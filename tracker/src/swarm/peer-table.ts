// The peers of one swarm as dense columns: a peer is a small integer, its slot, valid as long as it lives.
import type { ChangeListener } from "./change-listener.ts";
import { clientFamily } from "./client-families.ts";
import type { CompactEndpoint, HostAddress, PeerId } from "./identifiers.ts";
import { PEER_ID_BYTES } from "./identifiers.ts";
import type { Group } from "./group.ts";
import { NO_SLOT, SlotIndex } from "./slot-index.ts";

const HOST_BYTES = 16;
const FIRST_CAPACITY = 8;

/** Bits of the `flags` column. */
export const ORIGIN = 1;
/** Was handed a source, or handed to one, at least once. */
export const FED = 2;
/** Its last regular announce told of no progress since the one before. */
export const STALLED = 4;

type Column = Float64Array | Float32Array | Uint32Array | Int32Array | Uint16Array | Uint8Array;

/** Times are milliseconds since the epoch, sizes bytes. Text columns are bytes; see `SlotIndex`. */
export class PeerTable {
  capacity = FIRST_CAPACITY;
  /** Slots below this were used at least once. */
  top = 0;
  size = 0;

  ids = new Uint8Array(FIRST_CAPACITY * PEER_ID_BYTES);
  /** The host a peer is counted for: an IPv6 address, or an IPv4 one mapped into it. */
  hosts = new Uint8Array(FIRST_CAPACITY * HOST_BYTES);
  ports = new Uint16Array(FIRST_CAPACITY);
  /** A hash of the client's `key`; 0 when it sent none. */
  keys = new Uint32Array(FIRST_CAPACITY);
  flags = new Uint8Array(FIRST_CAPACITY);
  /** See `clientFamily`. */
  families = new Uint8Array(FIRST_CAPACITY);
  left = new Float64Array(FIRST_CAPACITY);
  uploaded = new Float64Array(FIRST_CAPACITY);
  downloaded = new Float64Array(FIRST_CAPACITY);
  seenAt = new Float64Array(FIRST_CAPACITY);
  /** When the peer last progressed, or was given a fresh source. */
  hopefulAt = new Float64Array(FIRST_CAPACITY);
  /** Seconds since the epoch. */
  bornAt = new Uint32Array(FIRST_CAPACITY);
  /** Seconds since the epoch; 0 while incomplete. */
  completedAt = new Uint32Array(FIRST_CAPACITY);
  /** The announce gap the peer has shown to keep, in milliseconds; 0 while it has shown none. */
  habit = new Float32Array(FIRST_CAPACITY);
  /** Bytes a second, smoothed. */
  rate = new Float32Array(FIRST_CAPACITY);
  /** The place in line: unique in the swarm, smaller stands longer. */
  place = new Uint32Array(FIRST_CAPACITY);
  /** Identity that survives a reconnect within the told memory. */
  serial = new Uint32Array(FIRST_CAPACITY);
  /** How many levels the peer represents. */
  represents = new Uint8Array(FIRST_CAPACITY);
  /** Neighbours in the rack's line. */
  next = new Int32Array(FIRST_CAPACITY);
  previous = new Int32Array(FIRST_CAPACITY);
  /** The next client on the same host. */
  companion = new Int32Array(FIRST_CAPACITY);
  /** Position in the circle of each level, rack first; see `Group`. */
  readonly positions: Int32Array[];
  readonly racks: (Group | undefined)[] = [];
  /** The endpoint of the other address family, for the few that have one. */
  readonly secondEndpoint = new Map<number, CompactEndpoint>();

  readonly byId = new SlotIndex(() => ({ bytes: this.ids, width: PEER_ID_BYTES }));
  /** Only the first client of a host is in it; the others hang on it by `companion`. */
  readonly byHost = new SlotIndex(() => ({ bytes: this.hosts, width: HOST_BYTES }));

  #free = NO_SLOT;
  /** The same bytes as `ids`, with a quick way to text. */
  #idText = Buffer.from(this.ids.buffer);

  readonly listener: ChangeListener;

  constructor(levels: number, listener: ChangeListener) {
    this.listener = listener;
    this.positions = Array.from({ length: levels + 1 }, () => new Int32Array(FIRST_CAPACITY));
  }

  isLive(slot: number): boolean {
    return this.racks[slot] !== undefined;
  }

  has(slot: number, flag: number): boolean {
    return ((this.flags[slot] ?? 0) & flag) !== 0;
  }

  setFlag(slot: number, flag: number, on: boolean): void {
    const flags = this.flags[slot] ?? 0;
    this.flags[slot] = on ? flags | flag : flags & ~flag;
  }

  isLate(slot: number): boolean {
    return clientFamily(this.families[slot] ?? 0).lateHave;
  }

  isComplete(slot: number): boolean {
    return this.left[slot] === 0;
  }

  /** A cleared slot; the caller fills its columns and sets `racks[slot]`. */
  allocate(): number {
    this.size++;
    if (this.#free !== NO_SLOT) {
      const slot = this.#free;
      this.#free = this.next[slot] ?? NO_SLOT;
      return slot;
    }
    if (this.top === this.capacity) this.#grow();
    this.racks.push(undefined);
    return this.top++;
  }

  release(slot: number): void {
    this.racks[slot] = undefined;
    this.secondEndpoint.delete(slot);
    this.next[slot] = this.#free;
    this.#free = slot;
    this.size--;
  }

  idOf(slot: number): PeerId {
    const start = slot * PEER_ID_BYTES;
    return this.#idText.toString("latin1", start, start + PEER_ID_BYTES) as PeerId;
  }

  setId(slot: number, id: PeerId): void {
    write(this.ids, slot * PEER_ID_BYTES, id);
  }

  /** 4 or 16 bytes. */
  hostOf(slot: number): HostAddress {
    const start = slot * HOST_BYTES;
    return isMapped(this.hosts, start)
      ? (latin1(this.hosts, start + 12, 4) as HostAddress)
      : (latin1(this.hosts, start, HOST_BYTES) as HostAddress);
  }

  setHost(slot: number, host: HostAddress): void {
    write(this.hosts, slot * HOST_BYTES, mappedHost(host));
  }

  endpointOf(slot: number): CompactEndpoint {
    const port = this.ports[slot] ?? 0;
    return (this.hostOf(slot) + String.fromCharCode(port >> 8, port & 0xff)) as CompactEndpoint;
  }

  /** The live peer slots, in no particular order. */
  *live(): Generator<number> {
    for (let slot = 0; slot < this.top; slot++) if (this.isLive(slot)) yield slot;
  }

  #grow(): void {
    this.capacity *= 2;
    this.ids = grown(this.ids);
    this.#idText = Buffer.from(this.ids.buffer);
    this.hosts = grown(this.hosts);
    this.ports = grown(this.ports);
    this.keys = grown(this.keys);
    this.flags = grown(this.flags);
    this.families = grown(this.families);
    this.left = grown(this.left);
    this.uploaded = grown(this.uploaded);
    this.downloaded = grown(this.downloaded);
    this.seenAt = grown(this.seenAt);
    this.hopefulAt = grown(this.hopefulAt);
    this.bornAt = grown(this.bornAt);
    this.completedAt = grown(this.completedAt);
    this.habit = grown(this.habit);
    this.rate = grown(this.rate);
    this.place = grown(this.place);
    this.serial = grown(this.serial);
    this.represents = grown(this.represents);
    this.next = grown(this.next);
    this.previous = grown(this.previous);
    this.companion = grown(this.companion);
    for (const [level, column] of this.positions.entries()) this.positions[level] = grown(column);
  }
}

/** The 16 bytes a host is indexed by: IPv4 is mapped into IPv6 (RFC 4291, 2.5.5.2). */
export function mappedHost(host: HostAddress): string {
  return host.length === 4 ? `\0\0\0\0\0\0\0\0\0\0\xff\xff${host}` : host;
}

function isMapped(bytes: Uint8Array, start: number): boolean {
  for (let at = 0; at < 10; at++) if (bytes[start + at] !== 0) return false;
  return bytes[start + 10] === 0xff && bytes[start + 11] === 0xff;
}

function grown<T extends Column>(column: T): T {
  const wider = new (column.constructor as new (length: number) => T)(column.length * 2);
  wider.set(column);
  return wider;
}

function latin1(bytes: Uint8Array, start: number, length: number): string {
  let text = "";
  for (let at = start; at < start + length; at++) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}

function write(bytes: Uint8Array, start: number, text: string): void {
  for (let at = 0; at < text.length; at++) bytes[start + at] = text.charCodeAt(at);
}
