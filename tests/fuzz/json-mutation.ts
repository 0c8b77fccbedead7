// JSON messages that are nearly right: one field or a few are something else; and what a message says.
import { isUtf8 } from "node:buffer";
import type { Chance } from "./mutation.ts";

export type JsonObject = { [name: string]: unknown };

const DEEP = 3000;
const STRANGE: readonly unknown[] = [
  [null, true, 0, -1, 0.5, 1e308, -1e308, 2 ** 53, 1e21, "", "0", "null", [], {}, [[]], [null], [0], [{}]],
  ["x".repeat(19), "x".repeat(20), "x".repeat(21), "\xff".repeat(20), "\0".repeat(20), "ÿ€".repeat(10)],
  ["\ud800", "\udfff".repeat(20), "💾".repeat(10), "a".repeat(64), "A".repeat(64), "g".repeat(64)],
  [{ length: 1e9 }, { toString: 1 }, { toJSON: 1 }],
].flat();
/** As long as a message may be, or longer; rare, because they take long to print and read. */
const BULKY: readonly unknown[] = [
  "x".repeat(20_000),
  JSON.parse("[".repeat(DEEP) + "]".repeat(DEEP)),
  Array.from({ length: 900 }, () => "a".repeat(64)),
  Array.from({ length: 1400 }, () => "b".repeat(64)),
];
const BULKY_PERCENT = 0.2;
/** They stay as they are. */
const SHARED = new Set([...STRANGE, ...BULKY]);
const NAMES = ["constructor", "prototype", "toString", "hasOwnProperty", "length", "then", "toJSON", "", "0"];
/** The last are no UTF-8. */
const PIECES = ['"', "{", "}", "[", "]", ",", ":", "\\u0000", "\\", "null", "1e999", "\xff", "\xc3\x28"];
/** Where it is an own field, `JSON.parse` makes it one, too. */
const POLLUTION = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},';

/** For the mutations of its bytes; `names` are those of fields. */
export function jsonTokens(names: readonly string[]): Buffer[] {
  const fields = names.map((name) => `"${name}":`);
  return [...PIECES, ...fields].map((token) => Buffer.from(token, "latin1"));
}

/** Changes the message, and prints it. */
export function strangeText(chance: Chance, message: JsonObject): string {
  for (let count = chance.below(3); count > 0; count--) makeStrange(chance, message);
  const text = JSON.stringify(message);
  return chance.percent(4) && text.length > 2 ? POLLUTION + text.slice(1) : text;
}

function makeStrange(chance: Chance, holder: JsonObject | unknown[]): void {
  const { percent, pick } = chance;
  const fields = holder as JsonObject;
  const strange = pick(percent(BULKY_PERCENT) ? BULKY : STRANGE);
  const names = Object.keys(fields);
  if (names.length === 0) return;
  const name = pick(names);
  const value = fields[name];
  if (typeof value === "object" && value !== null && !SHARED.has(value) && percent(60))
    return makeStrange(chance, value as JsonObject);
  if (Array.isArray(holder)) holder.splice(Number(name), 1, ...(percent(20) ? [] : [strange]));
  else if (percent(15)) delete fields[name];
  else if (percent(10)) fields[pick(NAMES)] = value;
  else fields[name] = strange;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Undefined for what is no JSON object in UTF-8. */
export function parsedObject(bytes: Buffer): JsonObject | undefined {
  if (!isUtf8(bytes)) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
