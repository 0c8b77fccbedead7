// Lists of CIDR ranges, such as the proxies that are trusted and the hosts that may announce.
import type { HostAddress } from "../swarm/identifiers.ts";
import { findHostAddress } from "./compact-address.ts";
import { WireError } from "./errors.ts";

export interface AddressRanges {
  includes(host: HostAddress): boolean;
}

interface Range {
  /** As many whole bytes as the prefix covers. */
  readonly wholeBytes: string;
  readonly addressBytes: number;
  /** The bits of the byte after them that count, and their value. */
  readonly mask: number;
  readonly bits: number;
}

/** Takes `10.0.0.0/8`, `fd00::/8` and single addresses. Throws `ADDRESS_INVALID`, naming the range. */
export function createAddressRanges(cidrs: readonly string[]): AddressRanges {
  const ranges = cidrs.map(parseRange);
  return { includes: (host) => ranges.some((range) => covers(range, host)) };
}

function parseRange(cidr: string): Range {
  const slash = cidr.indexOf("/");
  const host = findHostAddress(slash < 0 ? cidr : cidr.slice(0, slash));
  if (host === undefined) throw invalid(cidr);
  const addressBits = host.length * 8;
  const prefixBits = slash < 0 ? addressBits : parsePrefixLength(cidr, slash + 1, addressBits);
  const whole = prefixBits >> 3;
  const mask = (0xff00 >> (prefixBits & 7)) & 0xff;
  const bits = mask === 0 ? 0 : host.charCodeAt(whole) & mask;
  return { wholeBytes: host.slice(0, whole), addressBytes: host.length, mask, bits };
}

function parsePrefixLength(cidr: string, from: number, addressBits: number): number {
  const digits = cidr.slice(from);
  const length = /^(0|[1-9]\d{0,2})$/.test(digits) ? Number(digits) : Number.NaN;
  if (!(length <= addressBits)) throw invalid(cidr);
  return length;
}

function covers(range: Range, host: HostAddress): boolean {
  if (host.length !== range.addressBytes || !host.startsWith(range.wholeBytes)) return false;
  return range.mask === 0 || (host.charCodeAt(range.wholeBytes.length) & range.mask) === range.bits;
}

function invalid(cidr: string): WireError {
  const text = JSON.stringify(cidr.slice(0, 60));
  return new WireError("ADDRESS_INVALID", `${text} is no address range; write it like 10.0.0.0/8 or fd00::/8`);
}
