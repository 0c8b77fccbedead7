// Addresses between their text form and the bytes that BEP 7 and 23 put on the wire.
import type { HostAddress } from "../swarm/identifiers.ts";
import { WireError } from "./errors.ts";

const V4_MAPPED_TEXT = "::ffff:";
const V4_MAPPED_BYTES = `${"\0".repeat(10)}\xff\xff`;
const V6_BYTES = 16;
const V6_GROUPS = 8;
const [DOT, ZERO, NINE] = [0x2e, 0x30, 0x39];

/** Throws `ADDRESS_INVALID`; otherwise as `findHostAddress`. */
export function parseHostAddress(text: string): HostAddress {
  const host = findHostAddress(text);
  if (host !== undefined) return host;
  throw new WireError("ADDRESS_INVALID", `${JSON.stringify(text.slice(0, 60))} is no IPv4 or IPv6 address`);
}

/**
 * The bytes of an IPv4 or IPv6 address in text form; undefined for anything else. An IPv4-mapped IPv6 address is
 * its IPv4 address; a zone (`%eth0`) is dropped. Octets with leading zeros are refused, as nobody agrees on their base.
 */
export function findHostAddress(text: string): HostAddress | undefined {
  const v4 = v4Bytes(text, 0);
  if (v4 !== undefined) return v4 as HostAddress;
  const mapped = text.startsWith(V4_MAPPED_TEXT) ? v4Bytes(text, V4_MAPPED_TEXT.length) : undefined;
  if (mapped !== undefined) return mapped as HostAddress;
  const v6 = v6Bytes(text);
  return (v6?.startsWith(V4_MAPPED_BYTES) ? v6.slice(V4_MAPPED_BYTES.length) : v6) as HostAddress | undefined;
}

/** Canonical text form: dotted decimal, or RFC 5952. */
export function hostAddressText(host: HostAddress): string {
  if (host.length === V6_BYTES) return v6Text(host);
  const packed =
    (host.charCodeAt(0) << 24) | (host.charCodeAt(1) << 16) | (host.charCodeAt(2) << 8) | host.charCodeAt(3);
  const known = v4Texts[packed & V4_TEXTS_MASK];
  if (known?.packed === packed) return known.text;
  const text = `${host.charCodeAt(0)}.${host.charCodeAt(1)}.${host.charCodeAt(2)}.${host.charCodeAt(3)}`;
  v4Texts[packed & V4_TEXTS_MASK] = { packed, text };
  return text;
}

/** IPv4 addresses printed lately, by their last two bytes: a fleet's addresses are asked for again and again. */
const V4_TEXTS_MASK = 0xffff;
const v4Texts: ({ readonly packed: number; readonly text: string } | undefined)[] = Array.from({
  length: V4_TEXTS_MASK + 1,
});

function v4Bytes(text: string, from: number): string | undefined {
  let packed = 0;
  let octet = -1;
  let dots = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= ZERO && code <= NINE) {
      if (octet === 0) return undefined;
      octet = octet < 0 ? code - ZERO : octet * 10 + code - ZERO;
      if (octet > 255) return undefined;
    } else {
      if (code !== DOT || octet < 0 || ++dots > 3) return undefined;
      packed = (packed << 8) | octet;
      octet = -1;
    }
  }
  if (dots !== 3 || octet < 0) return undefined;
  return String.fromCharCode((packed >> 16) & 0xff, (packed >> 8) & 0xff, packed & 0xff, octet);
}

function v6Bytes(text: string): string | undefined {
  const zone = text.indexOf("%");
  const [head = "", tail, surplus] = (zone < 0 ? text : text.slice(0, zone)).split("::");
  if (surplus !== undefined) return undefined;
  const left = v6Groups(head, tail === undefined);
  if (tail === undefined) return left?.length === V6_BYTES ? left : undefined;
  const right = v6Groups(tail, true);
  if (left === undefined || right === undefined) return undefined;
  const gap = V6_BYTES - left.length - right.length;
  return gap >= 2 ? left + "\0".repeat(gap) + right : undefined;
}

/** `mayEndInV4`: the last 32 bits of an address may be written as IPv4. */
function v6Groups(text: string, mayEndInV4: boolean): string | undefined {
  if (text === "") return "";
  const groups = text.split(":");
  if (groups.length > V6_GROUPS) return undefined;
  let bytes = "";
  for (const [index, group] of groups.entries()) {
    const v4 = mayEndInV4 && index === groups.length - 1 ? v4Bytes(group, 0) : undefined;
    if (v4 === undefined && !/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
    bytes += v4 ?? twoBytes(Number.parseInt(group, 16));
  }
  return bytes;
}

function twoBytes(value: number): string {
  return String.fromCharCode(value >> 8, value & 0xff);
}

function v6Text(host: HostAddress): string {
  const groups: number[] = [];
  for (let at = 0; at < V6_BYTES; at += 2) groups.push((host.charCodeAt(at) << 8) | host.charCodeAt(at + 1));
  const { start, length } = longestZeroRun(groups);
  if (length < 2) return hexGroups(groups);
  return `${hexGroups(groups.slice(0, start))}::${hexGroups(groups.slice(start + length))}`;
}

function hexGroups(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(":");
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > longest.length) longest = { start, length: index + 1 - start };
  }
  return longest;
}
