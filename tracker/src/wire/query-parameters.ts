// The query of an announce or scrape, byte by byte: splits it and undoes its percent-encoding without touching UTF-8.
import type { InfoHash } from "../swarm/identifiers.ts";
import { WireError } from "./errors.ts";

/** Announces of real clients have some 300 bytes, scrapes of a hundred torrents some 7 KiB. */
const MAX_QUERY_BYTES = 8192;

const ID_BYTES = 20;
const [PERCENT, PLUS, SPACE] = [0x25, 0x2b, 0x20];
const scratch = Buffer.allocUnsafe(MAX_QUERY_BYTES);

/** Reads one parameter's value, `query.slice(from, to)` still encoded, into `state`. */
export type ParameterReader<State> = (state: State, query: string, from: number, to: number) => void;

/** A parameter that is known, and its own bit in the mask of those already seen. */
export interface Parameter<State> {
  readonly bit: number;
  readonly read: ParameterReader<State>;
}

/** Each reader by its parameter's name, with a bit of its own; at most 31. */
export function parameterTable<State>(
  readers: Readonly<Record<string, ParameterReader<State>>>,
): ReadonlyMap<string, Parameter<State>> {
  return new Map(Object.entries(readers).map(([name, read], index) => [name, { bit: 1 << index, read }]));
}

/**
 * Reads every known parameter into `state`; others are skipped. Throws `QUERY_INVALID` for a query that is too long and
 * for a known parameter that stands twice, unless it is in `repeatable` (a mask of bits).
 */
export function readParameters<State>(
  query: string,
  table: ReadonlyMap<string, Parameter<State>>,
  state: State,
  repeatable = 0,
): void {
  if (query.length > MAX_QUERY_BYTES) throw queryTooLong(query.length);
  let seen = 0;
  let equals = -1;
  for (let at = 0; at < query.length;) {
    const end = indexOrLength(query, "&", at);
    if (equals < at) equals = indexOrLength(query, "=", at);
    const nameEnd = equals < end ? equals : end;
    const parameter = table.get(query.slice(at, nameEnd));
    if (parameter !== undefined) {
      if (seen & parameter.bit & ~repeatable) throw queryFault(query.slice(at, nameEnd), "stands twice; send it once");
      seen |= parameter.bit;
      parameter.read(state, query, nameEnd < end ? nameEnd + 1 : end, end);
    }
    at = end + 1;
  }
}

function indexOrLength(text: string, character: string, from: number): number {
  const at = text.indexOf(character, from);
  return at < 0 ? text.length : at;
}

/** The 20 bytes of an info-hash as lowercase hex. */
export function readInfoHash(query: string, from: number, to: number): InfoHash {
  readId("info_hash", query, from, to);
  return scratch.toString("hex", 0, ID_BYTES) as InfoHash;
}

/** 20 raw bytes, one latin1 character each. */
export function readIdBytes(name: string, query: string, from: number, to: number): string {
  readId(name, query, from, to);
  return scratch.toString("latin1", 0, ID_BYTES);
}

/** Any text, decoded, one latin1 character a byte. */
export function readBytes(name: string, query: string, from: number, to: number): string {
  return scratch.toString("latin1", 0, decodeToScratch(name, query, from, to));
}

function readId(name: string, query: string, from: number, to: number): void {
  const bytes = decodeToScratch(name, query, from, to);
  if (bytes !== ID_BYTES) throw queryFault(name, `has ${bytes} bytes; expected ${ID_BYTES} bytes, percent-encoded`);
}

/** A plus sign is a space, as form encoders write it: no client of this field sends a bare plus for anything else. */
function decodeToScratch(name: string, query: string, from: number, to: number): number {
  let length = 0;
  for (let at = from; at < to; at++) {
    let byte = query.charCodeAt(at);
    if (byte === PERCENT) {
      byte = at + 2 < to ? (hexDigit(query.charCodeAt(at + 1)) << 4) | hexDigit(query.charCodeAt(at + 2)) : -1;
      at += 2;
    } else if (byte === PLUS) byte = SPACE;
    if (byte < 0 || byte > 0xff)
      throw queryFault(name, "is not percent-encoded; write every byte as % and two hex digits");
    scratch[length++] = byte;
  }
  return length;
}

/** -1 for anything else, which stays negative when it is shifted and combined. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Digits only; NaN for anything else, and for what a number cannot hold exactly. */
export function readDigits(query: string, from: number, to: number): number {
  if (from >= to || to - from > 16) return Number.NaN;
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = query.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value <= Number.MAX_SAFE_INTEGER ? value : Number.NaN;
}

export function queryFault(name: string, what: string): WireError {
  return new WireError("QUERY_INVALID", `${name} ${what}`);
}

export function queryTooLong(bytes: number | undefined): WireError {
  const has = bytes === undefined ? "is too long" : `has ${bytes} bytes`;
  return new WireError("QUERY_INVALID", `the query ${has}; send at most ${MAX_QUERY_BYTES} bytes`);
}
