// Texts made from packets, kept: making a text of bytes costs more than all else that is read of an announce.
import type { CompactEndpoint, InfoHash, PeerId } from "../../swarm/identifiers.ts";
import { compactEndpoint } from "../../swarm/identifiers.ts";
import { ANNOUNCE } from "../../wire/udp-packets.ts";
import { type Packet, packetHost, V4_BYTES } from "./packet.ts";

export interface KnownClient {
  readonly peerId: PeerId;
  readonly endpoint: CompactEndpoint;
  /** Eight hex digits, as most clients print theirs over HTTP; `""` for 0, which clients without a key send. */
  readonly key: string;
}

export interface KnownTexts {
  /** Who sent the announce. */
  client(packet: Packet): KnownClient;
  infoHash(packet: Packet): InfoHash;
}

/** Powers of two. A place holds who came last to it, so that memory is bounded whoever sends what; a client has one of two places. */
const CLIENT_BITS = 14;
const CLIENTS = 1 << CLIENT_BITS;
const INFO_HASHES = 1 << 10;
const ID_WORDS = 5;
/** Port with family, key, peer id, address. */
const CLIENT_WORDS = 11;
const KEY_AT = 1;
const ID_AT = 2;
const HOST_AT = ID_AT + ID_WORDS;
/** Spreads clients whose last bytes differ by little. */
const SPREAD = 0x9e3779b1;

export function createKnownTexts(): KnownTexts {
  const clientWords = new Int32Array(CLIENTS * CLIENT_WORDS);
  const clients = Array.from<KnownClient | undefined>({ length: CLIENTS });
  const hashWords = new Int32Array(INFO_HASHES * ID_WORDS);
  const hashes = Array.from<InfoHash | undefined>({ length: INFO_HASHES });

  function client(packet: Packet): KnownClient {
    const first = placeOf(packet);
    const second = first ^ 1;
    const known = clients[first];
    if (known !== undefined && isSame(packet, clientWords, first * CLIENT_WORDS)) return known;
    const other = clients[second];
    if (other !== undefined && isSame(packet, clientWords, second * CLIENT_WORDS)) return other;
    const place = known === undefined || other !== undefined ? first : second;
    remember(packet, clientWords, place * CLIENT_WORDS);
    return (clients[place] = readClient(packet));
  }

  function infoHash({ view, bytes, at }: Packet): InfoHash {
    const from = at + ANNOUNCE.infoHash;
    const place = view.getInt32(from) & (INFO_HASHES - 1);
    const known = hashes[place];
    if (known !== undefined && sameId(view, from, hashWords, place * ID_WORDS)) return known;
    copyId(view, from, hashWords, place * ID_WORDS);
    return (hashes[place] = bytes.toString("hex", from, from + ID_WORDS * 4) as InfoHash);
  }

  return { client, infoHash };
}

function placeOf({ view, at, hostAt, hostBytes }: Packet): number {
  const id = Math.imul(view.getInt32(at + ANNOUNCE.peerId + 16), SPREAD);
  return Math.imul(id ^ view.getInt32(hostAt + hostBytes - 4), SPREAD) >>> (32 - CLIENT_BITS);
}

function isSame(packet: Packet, words: Int32Array, place: number): boolean {
  const { view, at, hostAt } = packet;
  if (words[place] !== portAndFamily(packet) || words[place + KEY_AT] !== view.getInt32(at + ANNOUNCE.key))
    return false;
  if (words[place + HOST_AT] !== view.getInt32(hostAt)) return false;
  if (packet.hostBytes !== V4_BYTES && !sameRestOfHost(packet, words, place)) return false;
  return sameId(view, at + ANNOUNCE.peerId, words, place + ID_AT);
}

function remember(packet: Packet, words: Int32Array, place: number): void {
  const { view, at, hostAt, hostBytes } = packet;
  words[place] = portAndFamily(packet);
  words[place + KEY_AT] = view.getInt32(at + ANNOUNCE.key);
  copyId(view, at + ANNOUNCE.peerId, words, place + ID_AT);
  for (let word = 0; word < hostBytes / 4; word++) words[place + HOST_AT + word] = view.getInt32(hostAt + word * 4);
}

function readClient(packet: Packet): KnownClient {
  const { view, bytes, at } = packet;
  const from = at + ANNOUNCE.peerId;
  const key = view.getUint32(at + ANNOUNCE.key);
  return {
    peerId: bytes.toString("latin1", from, from + ID_WORDS * 4) as PeerId,
    endpoint: compactEndpoint(packetHost(packet), view.getUint16(at + ANNOUNCE.port)),
    key: key === 0 ? "" : key.toString(16).padStart(8, "0"),
  };
}

function portAndFamily({ view, at, hostBytes }: Packet): number {
  return (hostBytes << 16) | view.getUint16(at + ANNOUNCE.port);
}

function sameRestOfHost({ view, hostAt }: Packet, words: Int32Array, place: number): boolean {
  const host = place + HOST_AT;
  return (
    words[host + 1] === view.getInt32(hostAt + 4) &&
    words[host + 2] === view.getInt32(hostAt + 8) &&
    words[host + 3] === view.getInt32(hostAt + 12)
  );
}

/** The last words first: peer ids begin alike. */
function sameId(view: DataView, at: number, words: Int32Array, place: number): boolean {
  return (
    words[place + 4] === view.getInt32(at + 16) &&
    words[place + 3] === view.getInt32(at + 12) &&
    words[place + 2] === view.getInt32(at + 8) &&
    words[place + 1] === view.getInt32(at + 4) &&
    words[place] === view.getInt32(at)
  );
}

function copyId(view: DataView, at: number, words: Int32Array, place: number): void {
  for (let word = 0; word < ID_WORDS; word++) words[place + word] = view.getInt32(at + word * 4);
}
