// Bencode (BEP 3): a strict decoder for .torrent files and a printer for everything the tracker answers.
import { WireError } from "./errors.ts";

/** What the decoder yields. Integers that a number cannot hold exactly are bigints; strings are bytes. */
export type BencodeValue = number | bigint | Uint8Array | readonly BencodeValue[] | BencodeDictionary;

export interface BencodeDictionary {
  /** Keys are latin1: one character a byte. */
  readonly fields: ReadonlyMap<string, BencodeValue>;
  /** Offsets of the dictionary's own bytes in the decoded input; `end` is one past its last. */
  readonly start: number;
  readonly end: number;
}

/** What the encoder takes. A string is text and is written as UTF-8; anything else goes in as bytes. */
export type Encodable =
  number | bigint | string | Uint8Array | readonly Encodable[] | { readonly [key: string]: Encodable };

export interface DecodeLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxValues: number;
}

const DEFAULT_DECODE_LIMITS: DecodeLimits = { maxBytes: 32 * 2 ** 20, maxDepth: 32, maxValues: 1_000_000 };

const MAX_INTEGER_DIGITS = 32;
const [COLON, MINUS, ZERO, NINE] = [0x3a, 0x2d, 0x30, 0x39];
const [DICTIONARY, LIST, INTEGER, END] = [0x64, 0x6c, 0x69, 0x65];

interface Cursor {
  readonly bytes: Buffer;
  readonly limits: DecodeLimits;
  at: number;
  depth: number;
  values: number;
}

/**
 * Decodes exactly one canonical value: keys sorted and unique, no leading zeros, nothing after the end.
 * Throws `BENCODE_INVALID` with the byte offset of the fault.
 */
export function decodeBencode(bytes: Uint8Array, limits: DecodeLimits = DEFAULT_DECODE_LIMITS): BencodeValue {
  const cursor = { bytes: bufferOver(bytes), limits, at: 0, depth: 0, values: 0 };
  if (bytes.length > limits.maxBytes) throw fault(cursor, `larger than ${limits.maxBytes} bytes`);
  const value = readValue(cursor);
  if (cursor.at < bytes.length) throw fault(cursor, "more bytes follow the end of the value");
  return value;
}

/** Of a dictionary the fields before `key`, strings as parts of `bytes`; from there on it may be anything. Throws as `decodeBencode`. */
export function decodeFieldsBefore(bytes: Uint8Array, key: string): ReadonlyMap<string, BencodeValue> {
  const cursor = { bytes: bufferOver(bytes), limits: DEFAULT_DECODE_LIMITS, at: 1, depth: 0, values: 0 };
  if (bytes[0] !== DICTIONARY) throw fault(cursor, "no dictionary");
  const fields = new Map<string, BencodeValue>();
  while (!atEnd(cursor)) {
    const name = readString(cursor).toString("latin1");
    if (name >= key) break;
    fields.set(name, readValue(cursor));
  }
  return fields;
}

export function isDictionary(value: BencodeValue | undefined): value is BencodeDictionary {
  return typeof value === "object" && "fields" in value;
}

export function isList(value: BencodeValue | undefined): value is readonly BencodeValue[] {
  return Array.isArray(value);
}

/** Encodes one value; dictionary keys are sorted by their bytes. Integers must be exact: safe numbers or bigints. */
export function encodeBencode(value: Encodable): Buffer {
  return Buffer.from(printBencode(value), "latin1");
}

/** Text as a bencoded string of its UTF-8 bytes, one latin1 character a byte. */
export function printText(text: string): string {
  return printBytes(Buffer.from(text, "utf8").toString("latin1"));
}

/** A latin1 string, one character a byte, as a bencoded string. */
export function printBytes(latin1: string): string {
  return `${latin1.length}:${latin1}`;
}

function printBencode(value: Encodable): string {
  if (typeof value === "string") return printText(value);
  if (typeof value === "number" || typeof value === "bigint") return printInteger(value);
  if (value instanceof Uint8Array) return printBytes(bufferOver(value).toString("latin1"));
  if (isEncodableList(value)) return `l${value.map(printBencode).join("")}e`;
  return printDictionary(value);
}

function isEncodableList(value: Encodable): value is readonly Encodable[] {
  return Array.isArray(value);
}

function printInteger(value: number | bigint): string {
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new RangeError(`${value} is no exact integer`);
  return `i${value}e`;
}

function printDictionary(record: { readonly [key: string]: Encodable }): string {
  const entries = Object.entries(record).map(([key, value]) => [latin1OfUtf8(key), printBencode(value)] as const);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `d${entries.map(([key, value]) => printBytes(key) + value).join("")}e`;
}

function latin1OfUtf8(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function readValue(cursor: Cursor): BencodeValue {
  if (++cursor.values > cursor.limits.maxValues) throw fault(cursor, `more than ${cursor.limits.maxValues} values`);
  switch (cursor.bytes[cursor.at]) {
    case undefined:
      throw fault(cursor, "ends in the middle of a value");
    case DICTIONARY:
      return nested(cursor, readDictionary);
    case LIST:
      return nested(cursor, readList);
    case INTEGER:
      return readInteger(cursor);
    default:
      return readString(cursor);
  }
}

function nested<T>(cursor: Cursor, read: (cursor: Cursor) => T): T {
  if (++cursor.depth > cursor.limits.maxDepth) throw fault(cursor, `nested deeper than ${cursor.limits.maxDepth}`);
  const value = read(cursor);
  cursor.depth--;
  return value;
}

function readDictionary(cursor: Cursor): BencodeDictionary {
  const start = cursor.at++;
  const fields = new Map<string, BencodeValue>();
  let previous: string | undefined;
  while (!atEnd(cursor)) {
    const keyAt = cursor.at;
    const key = readString(cursor).toString("latin1");
    if (previous !== undefined && key <= previous) throw keyOrderFault({ ...cursor, at: keyAt }, key, previous);
    fields.set(key, readValue(cursor));
    previous = key;
  }
  return { fields, start, end: ++cursor.at };
}

function readList(cursor: Cursor): BencodeValue[] {
  cursor.at++;
  const items: BencodeValue[] = [];
  while (!atEnd(cursor)) items.push(readValue(cursor));
  cursor.at++;
  return items;
}

function atEnd(cursor: Cursor): boolean {
  return cursor.bytes[cursor.at] === END;
}

function readInteger(cursor: Cursor): number | bigint {
  const start = ++cursor.at;
  if (cursor.bytes[start] === MINUS) cursor.at++;
  const digitsAt = cursor.at;
  skipDigits(cursor);
  const digits = cursor.at - digitsAt;
  if (digits === 0 || digits > MAX_INTEGER_DIGITS) throw fault({ ...cursor, at: start }, "not an integer");
  const leadingZero = cursor.bytes[digitsAt] === ZERO && (digits > 1 || digitsAt > start);
  if (leadingZero) throw fault({ ...cursor, at: start }, "an integer with a leading zero");
  if (!atEnd(cursor)) throw fault(cursor, "an integer without its end");
  const text = cursor.bytes.toString("latin1", start, cursor.at++);
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

function readString(cursor: Cursor): Buffer {
  const start = cursor.at;
  skipDigits(cursor);
  const digits = cursor.at - start;
  if (digits === 0) throw fault(cursor, "expected a string, a number, a list or a dictionary");
  if (digits > 1 && cursor.bytes[start] === ZERO) throw fault({ ...cursor, at: start }, "a length with a leading zero");
  if (cursor.bytes[cursor.at] !== COLON) throw fault(cursor, "a string's length without its colon");
  const from = cursor.at + 1;
  const end = from + Number(cursor.bytes.toString("latin1", start, cursor.at));
  if (end > cursor.bytes.length) throw fault({ ...cursor, at: start }, "a string that is longer than what is left");
  cursor.at = end;
  return cursor.bytes.subarray(from, end);
}

function skipDigits(cursor: Cursor): void {
  for (;;) {
    const byte = cursor.bytes[cursor.at];
    if (byte === undefined || byte < ZERO || byte > NINE) return;
    cursor.at++;
  }
}

function keyOrderFault(cursor: Cursor, key: string, previous: string): WireError {
  const what = key === previous ? "appears twice" : `comes after ${JSON.stringify(previous.slice(0, 40))}`;
  return fault(cursor, `dictionary key ${JSON.stringify(key.slice(0, 40))} ${what}; keys must be sorted and unique`);
}

function fault(cursor: Cursor, what: string): WireError {
  return new WireError("BENCODE_INVALID", `not valid bencode at byte ${cursor.at}: ${what}`);
}

function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
