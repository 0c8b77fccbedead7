// The names under which DNS may know an address: its reverse name, and what a template makes of the address.
import { parseIpv4, parseIpv6 } from "../../address.ts";

/** The parts of an address that names of hosts and zones are made of. */
export interface AddressNames {
  /** `5.1.77.10`, or an IPv6 address' 32 digits, last first, with dots between them. */
  readonly reversed: string;
  /** `10-77-1-5`, or an IPv6 address' eight groups without leading zeros and with dashes between them. */
  readonly dashed: string;
  /** `5.1.77.10.in-addr.arpa`, where PTR records are. */
  readonly arpa: string;
}

export function addressNames(address: string): AddressNames {
  if (parseIpv4(address) >= 0) {
    const octets = address.split(".");
    const reversed = octets.toReversed().join(".");
    return { reversed, dashed: octets.join("-"), arpa: `${reversed}.in-addr.arpa` };
  }
  const words = new Uint32Array(4);
  parseIpv6(address, words);
  const groups = Array.from(words).flatMap((word) => [word >>> 16, word & 0xffff]);
  const digits = groups.map((group) => group.toString(16).padStart(4, "0")).join("");
  const reversed = digits.split("").toReversed().join(".");
  return { reversed, dashed: groups.map((group) => group.toString(16)).join("-"), arpa: `${reversed}.ip6.arpa` };
}
