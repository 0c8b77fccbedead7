// Prefixes (`10.77.1.0/24`, `2001:db8::/32`, or a single address) between text and words.
import { isMapped, parseIpv4, parseIpv6, printIpv4, printIpv6 } from "./address.ts";
import { keptBits } from "./prefix-tree.ts";
import { read, type Reading, refuse } from "./reading.ts";

/** A block of addresses: the first `length` bits of `words`, all other bits 0. */
export interface Prefix {
  /** One word of 32 bits for IPv4, four for IPv6, highest first. */
  readonly words: Uint32Array;
  /** 0 to 32 or 0 to 128. */
  readonly length: number;
}

const WORD_BITS = 32;
const MAPPED_BITS = 96;
const WRITE_A_PREFIX = "write a prefix such as 10.77.1.0/24 or 2001:db8::/32, or a single address";

/** Reads a prefix; an IPv4-mapped one becomes IPv4. Bits set beyond the length are refused, as they hide a mistake. */
export function parsePrefix(text: string): Reading<Prefix> {
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const words = parseWords(address);
  if (words === undefined) return refuse("is not a prefix", WRITE_A_PREFIX);
  const mostBits = words.length * WORD_BITS;
  const length = slash < 0 ? mostBits : parseLength(text.slice(slash + 1));
  if (!(length <= mostBits)) {
    return refuse(`has no prefix length from 0 to ${mostBits} after the slash`, WRITE_A_PREFIX);
  }
  const masked = maskWords(words, length);
  if (words.some((word, index) => word !== masked[index])) {
    const network = printPrefix({ words: masked, length });
    return refuse(`has bits set beyond its length ${length}`, `write ${network}, or ${address} for one host`);
  }
  return read(unmapped({ words, length }));
}

function parseWords(address: string): Uint32Array | undefined {
  const ipv4 = parseIpv4(address);
  if (ipv4 >= 0) return Uint32Array.of(ipv4);
  const words = new Uint32Array(4);
  return parseIpv6(address, words) ? words : undefined;
}

function parseLength(text: string): number {
  return /^(0|[1-9]\d{0,2})$/.test(text) ? Number(text) : Number.NaN;
}

function unmapped(prefix: Prefix): Prefix {
  if (prefix.words.length === 1 || prefix.length < MAPPED_BITS || !isMapped(prefix.words)) return prefix;
  return { words: prefix.words.slice(3), length: prefix.length - MAPPED_BITS };
}

function maskWords(words: Uint32Array, length: number): Uint32Array {
  return words.map((word, index) => keptBits(word, length - index * WORD_BITS));
}

/** The one text form of a prefix, with its length even for a single address. */
export function printPrefix({ words, length }: Prefix): string {
  const address = words.length === 1 ? printIpv4(words[0] ?? 0) : printIpv6(words);
  return `${address}/${length}`;
}
