// IP addresses between text and words of 32 bits. Own parsers, because every announce passes here and ipaddr.js
// takes `::1.2.3.4` for `::ffff:1.2.3.4` and `010.0.0.1` for octal.
import ipaddr from "ipaddr.js";
import { TopologyError } from "./errors.ts";

const DOT = 46;
const COLON = 58;
const DIGIT_ZERO = 48;
const IPV4_LONGEST_TEXT = 15;
const IPV6_GROUPS = 8;
const IPV6_WORDS = 4;
const MAPPED_MARK = 0xffff;

/** The 32 bits of a dotted quad as an unsigned number; -1 for anything else, leading zeros included. */
export function parseIpv4(text: string): number {
  return parseIpv4From(text, 0);
}

function parseIpv4From(text: string, start: number): number {
  const length = text.length;
  if (length - start > IPV4_LONGEST_TEXT) return -1;
  let address = 0;
  let octet = -1;
  let dots = 0;
  for (let at = start; at < length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === DOT) {
      if (octet < 0 || ++dots > 3) return -1;
      address = address * 256 + octet;
      octet = -1;
      continue;
    }
    const digit = unit - DIGIT_ZERO;
    if (digit < 0 || digit > 9 || octet === 0) return -1;
    octet = octet < 0 ? digit : octet * 10 + digit;
    if (octet > 255) return -1;
  }
  return dots === 3 && octet >= 0 ? address * 256 + octet : -1;
}

const groups = new Uint16Array(IPV6_GROUPS);

/** Writes the four words of an IPv6 address (RFC 4291, no zone) into `words`; false for anything else. */
export function parseIpv6(text: string, words: Uint32Array): boolean {
  let count = 0;
  let gap = -1;
  let at = 0;
  if (text.startsWith("::")) {
    gap = 0;
    at = 2;
  }
  while (at < text.length) {
    if (count === IPV6_GROUPS) return false;
    const colon = text.indexOf(":", at);
    const end = colon < 0 ? text.length : colon;
    const group = hexGroup(text, at, end);
    if (group >= 0) groups[count++] = group;
    else if (colon < 0 && count <= IPV6_GROUPS - 2 && dottedTail(text, at, count)) count += 2;
    else return false;
    if (colon < 0) break;
    at = colon + 1;
    if (at === text.length) return false;
    if (text.charCodeAt(at) !== COLON) continue;
    if (gap >= 0) return false;
    gap = count;
    at++;
  }
  if (gap < 0 ? count !== IPV6_GROUPS : count >= IPV6_GROUPS) return false;
  spread(words, gap, count);
  return true;
}

function hexGroup(text: string, start: number, end: number): number {
  if (end === start || end - start > 4) return -1;
  let group = 0;
  for (let at = start; at < end; at++) {
    const digit = hexDigit(text.charCodeAt(at));
    if (digit < 0) return -1;
    group = group * 16 + digit;
  }
  return group;
}

function hexDigit(unit: number): number {
  if (unit >= DIGIT_ZERO && unit <= 57) return unit - DIGIT_ZERO;
  const letter = unit | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

function dottedTail(text: string, start: number, count: number): boolean {
  const address = parseIpv4From(text, start);
  if (address < 0) return false;
  groups[count] = address >>> 16;
  groups[count + 1] = address & 0xffff;
  return true;
}

function spread(words: Uint32Array, gap: number, count: number): void {
  words.fill(0);
  const shift = gap < 0 ? 0 : IPV6_GROUPS - count;
  for (let from = 0; from < count; from++) {
    const to = gap >= 0 && from >= gap ? from + shift : from;
    const half = to & 1 ? (groups[from] ?? 0) : (groups[from] ?? 0) << 16;
    words[to >> 1] = ((words[to >> 1] ?? 0) | half) >>> 0;
  }
}

/** Whether four words hold an IPv4-mapped address, `::ffff:0:0/96`, whose last word is then the IPv4 address. */
export function isMapped(words: Uint32Array): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === MAPPED_MARK;
}

export function printIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** The text of four words as RFC 5952 has it. */
export function printIpv6(words: Uint32Array): string {
  const parts = Array.from(words).flatMap((word) => [word >>> 16, word & 0xffff]);
  return new ipaddr.IPv6(parts).toRFC5952String();
}

/**
 * The one text form of an address that resolvers are asked with: IPv4 as a dotted quad, IPv6 as RFC 5952, an
 * IPv4-mapped IPv6 address as IPv4. Throws `ADDRESS_MALFORMED` for zones, brackets, ports and anything else.
 */
export function canonicalAddress(text: string): string {
  if (parseIpv4(text) >= 0) return text;
  const words = new Uint32Array(IPV6_WORDS);
  if (!parseIpv6(text, words)) throw malformed(text);
  return isMapped(words) ? printIpv4(words[3] ?? 0) : printIpv6(words);
}

function malformed(text: string): TopologyError {
  const shown = JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);
  return new TopologyError({ code: "ADDRESS_MALFORMED", problem: `${shown} is not an IP address` });
}
