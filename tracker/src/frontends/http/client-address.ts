// Where an HTTP announce comes from: the socket's address, or what a trusted proxy or client says instead.
import type { IncomingMessage } from "node:http";
import { type CompactEndpoint, compactEndpoint, type HostAddress, isIpv4 } from "../../swarm/identifiers.ts";
import { type AddressRanges, createAddressRanges } from "../../wire/address-ranges.ts";
import type { AddressClaims } from "../../wire/announce-query.ts";
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
  /** The other end of the socket; undefined when it is gone. */
  readonly socketHost: HostAddress | undefined;
  /** The `X-Forwarded-For` header, several of them joined by commas. */
  readonly forwardedFor: string | undefined;
}

/** Where a client listens, in one address family or in both. */
export interface ClientEndpoints {
  /** The address the announce counts as coming from. */
  readonly host: HostAddress;
  /** That address, unless the client claims another port for it. */
  readonly endpoint: CompactEndpoint;
  /** In the other address family (BEP 7). */
  readonly otherEndpoint: CompactEndpoint | undefined;
}

/** All of them throw `ADDRESS_INVALID` where a trusted sender names no address. */
export interface ClientAddress {
  hostOf(clues: SenderClues): HostAddress;
  /** `port` is what the announce says. */
  endpointsOf(clues: SenderClues, port: number, claims: AddressClaims | undefined): ClientEndpoints;
}

/** Of a request that node:http read. */
export function cluesOf({ headers, socket }: IncomingMessage): SenderClues {
  const header = headers["x-forwarded-for"];
  const forwardedFor = Array.isArray(header) ? header.join(",") : header;
  return { socketHost: findHostAddress(socket.remoteAddress ?? ""), forwardedFor };
}

const LOOPBACK = ["127.0.0.0/8", "::1"];
const MAX_PORT = 65535;

export function createClientAddress({ trustedProxies, proxyPass }: ProxySettings): ClientAddress {
  const ranges = trustedProxies.length === 0 && proxyPass ? LOOPBACK : trustedProxies;
  const trusted = createAddressRanges(ranges);
  const hostOf =
    ranges.length === 0
      ? ({ socketHost }: SenderClues) => present(socketHost)
      : ({ socketHost, forwardedFor }: SenderClues) => forwardedHost(present(socketHost), forwardedFor, trusted);
  return {
    hostOf,
    endpointsOf(clues, port, claims) {
      const host = hostOf(clues);
      // A claim that came through a proxy is the client's own, so only a client that is trusted itself may make one.
      if (claims !== undefined && ranges.length > 0 && trusted.includes(host))
        return claimedEndpoints(host, port, claims);
      return { host, endpoint: compactEndpoint(host, port), otherEndpoint: undefined };
    },
  };
}

function present(host: HostAddress | undefined): HostAddress {
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
  const host = findHostAddress(splitPort(hop).address);
  if (host !== undefined) return host;
  const text = JSON.stringify(hop.slice(0, 60));
  throw new WireError("ADDRESS_INVALID", `X-Forwarded-For names ${text}, which is no address; correct the proxy`);
}

/** `ip` takes the place of the sender's address; `ipv4` and `ipv6` say more of it, each of its own family. */
function claimedEndpoints(sender: HostAddress, port: number, { ip, ipv4, ipv6 }: AddressClaims): ClientEndpoints {
  const host = ip === undefined ? sender : claimedHost("ip", ip);
  const [same, other] = isIpv4(host) ? ([ipv4, ipv6] as const) : ([ipv6, ipv4] as const);
  const [sameName, otherName] = isIpv4(host) ? (["ipv4", "ipv6"] as const) : (["ipv6", "ipv4"] as const);
  const endpoint =
    same === undefined || ip !== undefined ? compactEndpoint(host, port) : claimedEndpoint(sameName, same, port);
  const otherEndpoint = other === undefined ? undefined : claimedEndpoint(otherName, other, port);
  return { host: endpoint.slice(0, -2) as HostAddress, endpoint, otherEndpoint };
}

function claimedHost(name: string, text: string): HostAddress {
  const host = findHostAddress(text);
  if (host !== undefined) return host;
  throw new WireError("ADDRESS_INVALID", `${name} is no IPv4 or IPv6 address; send one or none`);
}

/** BEP 7 lets a client name a port along with the address. */
function claimedEndpoint(name: "ipv4" | "ipv6", text: string, announcedPort: number): CompactEndpoint {
  const { address, port = announcedPort } = splitPort(text);
  const host = claimedHost(name, address);
  if (isIpv4(host) === (name === "ipv4") && port >= 1 && port <= MAX_PORT) return compactEndpoint(host, port);
  throw new WireError(
    "ADDRESS_INVALID",
    `${name} is no address of its family, with or without a port; send one or none`,
  );
}

/** `address`, `v4:port`, `[v6]` and `[v6]:port`. */
function splitPort(text: string): { readonly address: string; readonly port: number | undefined } {
  const [, bracketed, dotted, digits] = /^(?:\[(.*)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = bracketed ?? dotted ?? text;
  return { address, port: digits === undefined ? undefined : Number(digits) };
}
