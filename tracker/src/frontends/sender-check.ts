// Which host asks for a WebSocket, and whether it may: the same rules as for announces over HTTP.
import type { IncomingMessage } from "node:http";
import type { HostAddress } from "../swarm/identifiers.ts";
import { createAddressRanges } from "../wire/address-ranges.ts";
import { WireError } from "../wire/errors.ts";
import { cluesOf, createClientAddress, type ProxySettings } from "./http/client-address.ts";

export interface SenderRules extends ProxySettings {
  /** CIDR ranges of the hosts that may ask; empty lets everybody (`ALLOW_CIDRS`). */
  readonly allowCidrs: readonly string[];
}

/** The result is undefined for a host that may not ask or is banned, and for one whose proxy names no address. */
export function createSenderCheck(
  rules: SenderRules,
  isBanned: (host: HostAddress) => boolean = () => false,
): (request: IncomingMessage) => HostAddress | undefined {
  const clientAddress = createClientAddress(rules);
  const allowed = rules.allowCidrs.length === 0 ? undefined : createAddressRanges(rules.allowCidrs);
  return (request) => {
    try {
      const host = clientAddress.hostOf(cluesOf(request));
      return allowed?.includes(host) === false || isBanned(host) ? undefined : host;
    } catch (error) {
      if (error instanceof WireError) return undefined;
      throw error;
    }
  };
}
