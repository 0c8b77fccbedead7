// Which host an HTTP announce comes from: the socket's, or what a trusted proxy says of it.
import type { HostAddress } from "../../swarm/identifiers.ts";
import { type AddressRanges, createAddressRanges } from "../../wire/address-ranges.ts";
import { findHostAddress } from "../../wire/compact-address.ts";
import { WireError } from "../../wire/errors.ts";

export interface ProxySettings {
  /** CIDR ranges whose word on other addresses counts (`TRUSTED_PROXIES`). */
  readonly trustedProxies: readonly string[];
  /** Without a list, trusts loopback (`PROXYPASS`). */
  readonly proxyPass: boolean;
}

/** What a request says of its sender. */
export interface SenderClues {
  /** The other end of the socket, in text form. */
  readonly socketAddress: string | undefined;
  /** The `X-Forwarded-For` header, several of them joined by commas. */
  readonly forwardedFor: string | undefined;
  /** The `ip` parameter of the query. */
  readonly claimedAddress: string | undefined;
}

export type ClientAddress = (clues: SenderClues) => HostAddress;

const LOOPBACK = ["127.0.0.0/8", "::1"];

/** The result throws `ADDRESS_INVALID` where a trusted sender names no address. */
export function createClientAddress({ trustedProxies, proxyPass }: ProxySettings): ClientAddress {
  const ranges = trustedProxies.length === 0 && proxyPass ? LOOPBACK : trustedProxies;
  if (ranges.length === 0) return ({ socketAddress }) => socketHost(socketAddress);
  const trusted = createAddressRanges(ranges);
  return (clues) =>
    claimedHost(forwardedHost(socketHost(clues.socketAddress), clues.forwardedFor, trusted), clues, trusted);
}

function socketHost(address: string | undefined): HostAddress {
  const host = address === undefined ? undefined : findHostAddress(address);
  if (host === undefined) throw new WireError("ADDRESS_INVALID", "the connection has no address; announce over TCP");
  return host;
}

/** Every proxy appends whom it heard, so only the part right of the first untrusted hop is true. */
function forwardedHost(socket: HostAddress, header: string | undefined, trusted: AddressRanges): HostAddress {
  if (header === undefined) return socket;
  const hops = header.split(",");
  let host = socket;
  while (trusted.includes(host)) {
    const hop = hops.pop();
    if (hop === undefined) break;
    host = hopHost(hop.trim());
  }
  return host;
}

/** Some proxies write the port, too. */
function hopHost(hop: string): HostAddress {
  const bare = /^\[(.*)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
  const host = findHostAddress(bare);
  if (host !== undefined) return host;
  const text = JSON.stringify(hop.slice(0, 60));
  throw new WireError("ADDRESS_INVALID", `X-Forwarded-For names ${text}, which is no address; correct the proxy`);
}

/** A claim that came through a proxy is the client's own, so only a client that is trusted itself may make one. */
function claimedHost(host: HostAddress, { claimedAddress }: SenderClues, trusted: AddressRanges): HostAddress {
  if (claimedAddress === undefined || !trusted.includes(host)) return host;
  const claimed = findHostAddress(claimedAddress);
  if (claimed === undefined) throw new WireError("ADDRESS_INVALID", "ip is no IPv4 or IPv6 address; send one or none");
  return claimed;
}
