// Who may connect: hosts that may announce here, and no more than the tracker and each address are meant to have.
import type { IncomingMessage } from "node:http";
import { type CompactEndpoint, compactEndpoint, hostOf, type HostAddress } from "../../swarm/identifiers.ts";
import { createSenderCheck, type SenderRules } from "../sender-check.ts";

export interface AdmissionOptions extends SenderRules {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
}

export interface Refusal {
  readonly kind: "refused";
  /** To be counted. */
  readonly fault: string;
  /** Status line of HTTP, without the version. */
  readonly status: string;
  readonly reason: string;
}

export interface Admission {
  /** Where the client is, or why it may not connect. Changes nothing. */
  ask(request: IncomingMessage): { readonly kind: "admitted"; readonly endpoint: CompactEndpoint } | Refusal;
  enter(endpoint: CompactEndpoint): void;
  leave(endpoint: CompactEndpoint): void;
}

const STRANGER: Refusal = {
  kind: "refused",
  fault: "webtorrent-not-allowed",
  status: "403 Forbidden",
  reason: "this host may not announce here; add its address to ALLOW_CIDRS, or correct what its proxy says of it",
};
const FULL: Refusal = {
  kind: "refused",
  fault: "webtorrent-too-many-connections",
  status: "503 Service Unavailable",
  reason: "the tracker has as many connections as WS_MAX_CONNECTIONS lets it",
};
const CROWD: Refusal = {
  kind: "refused",
  fault: "webtorrent-too-many-connections",
  status: "429 Too Many Requests",
  reason: "this address has as many connections as WS_MAX_CONNECTIONS_PER_ADDRESS lets it",
};

/** Throws `ADDRESS_INVALID` for a range that is none. */
export function createAdmission(options: AdmissionOptions): Admission {
  const hostOfSender = createSenderCheck(options);
  const perAddress = new Map<HostAddress, number>();
  let connections = 0;

  return {
    ask(request) {
      const host = hostOfSender(request);
      if (host === undefined) return STRANGER;
      if (connections >= options.maxConnections) return FULL;
      if ((perAddress.get(host) ?? 0) >= options.maxConnectionsPerAddress) return CROWD;
      return { kind: "admitted", endpoint: compactEndpoint(host, request.socket.remotePort ?? 0) };
    },
    enter(endpoint) {
      const host = hostOf(endpoint);
      connections++;
      perAddress.set(host, (perAddress.get(host) ?? 0) + 1);
    },
    leave(endpoint) {
      const host = hostOf(endpoint);
      connections--;
      const others = (perAddress.get(host) ?? 1) - 1;
      if (others === 0) perAddress.delete(host);
      else perAddress.set(host, others);
    },
  };
}
