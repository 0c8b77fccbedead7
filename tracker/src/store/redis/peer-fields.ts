// A peer as a Redis hash: seed 004's field names where it has them, and text for every value.
import type { AddressCodec, AddressText } from "../../swarm/inspection.ts";
import { pathOf } from "../../swarm/inspection.ts";
import type { CompactEndpoint, PeerId } from "../../swarm/identifiers.ts";
import { compactEndpoint, hostOf, isIpv4, PEER_ID_BYTES, portOf } from "../../swarm/identifiers.ts";
import type { PeerTable } from "../../swarm/peer-table.ts";
import { FED, ORIGIN, STALLED } from "../../swarm/peer-table.ts";
import type { Swarm } from "../../swarm/swarm.ts";

/** What a replica needs of a peer. The order is that of `PeerFields`. */
export const FIELDS = [
  "serial",
  "departed",
  "peer_id",
  "key",
  "rack",
  "other_endpoint",
  "place",
  "represents",
  "first_seen",
  "completed",
  "flags",
  "left",
  "uploaded",
  "downloaded",
  "rate",
  "habit",
  "seen",
  "hopeful",
] as const;

type Field = (typeof FIELDS)[number];
const POSITIONS = Object.fromEntries(FIELDS.map((field, at) => [field, at])) as Record<Field, number>;

/** A peer as it was read; times are milliseconds since the epoch, those of first seen and completion seconds. */
export interface PeerFields {
  readonly name: string;
  readonly endpoint: CompactEndpoint;
  readonly otherEndpoint: CompactEndpoint | undefined;
  readonly peerId: PeerId;
  readonly path: readonly string[];
  readonly represents: number;
  readonly flags: number;
  readonly numbers: Readonly<Record<NumberField, number>>;
}

const NUMBER_COLUMNS = {
  serial: "serial",
  key: "keys",
  place: "place",
  first_seen: "bornAt",
  completed: "completedAt",
  left: "left",
  uploaded: "uploaded",
  downloaded: "downloaded",
  rate: "rate",
  habit: "habit",
  seen: "seenAt",
  hopeful: "hopefulAt",
} as const;
export type NumberField = keyof typeof NUMBER_COLUMNS;
const NUMBER_FIELDS = Object.keys(NUMBER_COLUMNS) as NumberField[];

const FLAGS = [
  ["origin", ORIGIN],
  ["fed", FED],
  ["stalled", STALLED],
] as const;

/** `ip:port`, or `[ip]:port`. */
export function peerName(endpoint: CompactEndpoint, text: AddressText): string {
  const host = text(hostOf(endpoint));
  return isIpv4(endpoint) ? `${host}:${portOf(endpoint)}` : `[${host}]:${portOf(endpoint)}`;
}

/** Undefined for text that is no peer's name. */
export function parsePeerName(name: string, codec: AddressCodec): CompactEndpoint | undefined {
  const colon = name.lastIndexOf(":");
  const host = codec.parse(name.slice(0, colon).replace(/^\[|\]$/g, ""));
  return host === undefined ? undefined : compactEndpoint(host, Number(name.slice(colon + 1)));
}

/** Who the peer is: fields that seldom change. */
export function identityFields(swarm: Swarm, slot: number, { text }: AddressCodec): string[] {
  const { table } = swarm;
  const other = table.secondEndpointOf(slot);
  return [
    "ip",
    text(table.hostOf(slot)),
    "port",
    String(table.portOf(slot)),
    "peer_id",
    encodeBytes(table.idOf(slot)),
    "key",
    String(table.keys[slot] ?? 0),
    "rack",
    pathOf(swarm, slot).join("/"),
    "other_endpoint",
    other === undefined ? "" : peerName(other, text),
    "serial",
    String(table.serialOf(slot)),
    "first_seen",
    String(table.bornAt[slot] ?? 0),
    "departed",
    "",
  ];
}

/** Where the peer stands. */
export function standingFields(table: PeerTable, slot: number): string[] {
  return [
    "place",
    String(table.place[slot] ?? 0),
    "represents",
    String(table.representsOf(slot)),
    "seeder",
    table.isComplete(slot) ? "True" : "False",
    "completed",
    String(table.completedAt[slot] ?? 0),
  ];
}

/** What changes from announce to announce. */
export function progressFields(table: PeerTable, slot: number): string[] {
  return [
    "left",
    String(table.leftOf(slot)),
    "uploaded",
    String(table.uploadedOf(slot)),
    "downloaded",
    String(table.downloadedOf(slot)),
    "rate",
    String(table.rateOf(slot)),
    "habit",
    String(table.habitOf(slot)),
    "seen",
    String(table.seenAtOf(slot)),
    "hopeful",
    String(table.hopefulAtOf(slot)),
    "flags",
    flagWords(table.flagsOf(slot)),
  ];
}

/** Undefined for values that no store of ours wrote. `values` are in the order of `FIELDS`. */
export function parsePeerFields(
  name: string,
  values: readonly (string | null)[],
  codec: AddressCodec,
): PeerFields | undefined {
  const value = (field: Field) => values[POSITIONS[field]] ?? "";
  const endpoint = parsePeerName(name, codec);
  const peerId = decodeBytes(value("peer_id"));
  const numbers = {} as Record<NumberField, number>;
  for (const field of NUMBER_FIELDS) numbers[field] = Number(value(field));
  const isWhole = NUMBER_FIELDS.every((field) => numbers[field] >= 0 && value(field) !== "");
  if (endpoint === undefined || peerId.length !== PEER_ID_BYTES || !isWhole) return undefined;
  const other = value("other_endpoint");
  return {
    name,
    endpoint,
    otherEndpoint: other === "" ? undefined : parsePeerName(other, codec),
    peerId: peerId as PeerId,
    path: value("rack").split("/"),
    represents: Number(value("represents")),
    flags: flagBits(value("flags")),
    numbers,
  };
}

/** A peer as it is in a swarm. */
export function captureFields(swarm: Swarm, slot: number, { text }: AddressCodec): PeerFields {
  const { table } = swarm;
  const endpoint = table.endpointOf(slot);
  const numbers = {} as Record<NumberField, number>;
  for (const field of NUMBER_FIELDS) numbers[field] = table.numberOf(NUMBER_COLUMNS[field], slot);
  return {
    name: peerName(endpoint, text),
    endpoint,
    otherEndpoint: table.secondEndpointOf(slot),
    peerId: table.idOf(slot),
    path: pathOf(swarm, slot),
    represents: table.representsOf(slot),
    flags: table.flagsOf(slot),
    numbers,
  };
}

/** Fills the columns of an allocated slot, but for those that its groups derive. */
export function fillColumns(table: PeerTable, slot: number, fields: PeerFields): void {
  table.setId(slot, fields.peerId);
  table.setEndpoint(slot, fields.endpoint);
  table.setFlags(slot, fields.flags);
  for (const field of NUMBER_FIELDS) table.setNumber(NUMBER_COLUMNS[field], slot, fields.numbers[field]);
  table.setSecondEndpoint(slot, fields.otherEndpoint);
}

function flagWords(flags: number): string {
  let words = "";
  for (const [word, bit] of FLAGS) if ((flags & bit) !== 0) words += words === "" ? word : ` ${word}`;
  return words;
}

function flagBits(words: string): number {
  let flags = 0;
  for (const [word, bit] of FLAGS) if (words.includes(word)) flags |= bit;
  return flags;
}

/** Printable ASCII as it is, every other byte and `%` as `%XX`: readable, and safe for any id. */
function encodeBytes(bytes: string): string {
  return bytes.replace(/[^!-$&-~]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}

function decodeBytes(text: string): string {
  if (!text.includes("%")) return text;
  return text.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
