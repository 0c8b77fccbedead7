// The ids of the domain, branded so that one cannot be passed for another.

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** Lowercase hex of the 20-byte id of a torrent (BEP 3). */
export type InfoHash = Branded<string, "InfoHash">;

/** The 20 bytes a client chose for itself (BEP 3), as a latin1 string: one character a byte. */
export type PeerId = Branded<string, "PeerId">;

/** 4 (IPv4) or 16 (IPv6) address bytes in network order, as a latin1 string. */
export type HostAddress = Branded<string, "HostAddress">;

/** A `HostAddress` followed by two bytes of port: 6 (BEP 23) or 18 (BEP 7) latin1 characters. */
export type CompactEndpoint = Branded<string, "CompactEndpoint">;

export const PEER_ID_BYTES = 20;

export function hostOf(endpoint: CompactEndpoint): HostAddress {
  return endpoint.slice(0, -2) as HostAddress;
}

export function portOf(endpoint: CompactEndpoint): number {
  const at = endpoint.length - 2;
  return (endpoint.charCodeAt(at) << 8) | endpoint.charCodeAt(at + 1);
}

export function isIpv4(address: HostAddress | CompactEndpoint): boolean {
  return address.length <= 6;
}

export function compactEndpoint(host: HostAddress, port: number): CompactEndpoint {
  return (host + String.fromCharCode(port >> 8, port & 0xff)) as CompactEndpoint;
}
