// `struct sockaddr_in` and `sockaddr_in6` of Linux.
import { isIPv6 } from "node:net";
import { parseHostAddress } from "../../wire/compact-address.ts";

export const SOCKET_FAMILY = { ipv4: 2, ipv6: 10 } as const;
export type SocketFamily = keyof typeof SOCKET_FAMILY;
export const SOCKADDR_BYTES = { ipv4: 16, ipv6: 28 } as const;
/** Where the parts stand in either. */
export const SOCKADDR = { port: 2, v4Host: 4, v6Host: 8 } as const;

/** Throws `ADDRESS_INVALID` for a host that is no address. */
export function socketAddress(host: string, port: number): Buffer {
  const family = isIPv6(host) ? "ipv6" : "ipv4";
  const address = Buffer.alloc(SOCKADDR_BYTES[family]);
  address.writeUInt16LE(SOCKET_FAMILY[family]);
  address.writeUInt16BE(port, SOCKADDR.port);
  address.write(parseHostAddress(host), family === "ipv6" ? SOCKADDR.v6Host : SOCKADDR.v4Host, "latin1");
  return address;
}
