// By which of its addresses this machine is known to another.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { isIP } from "node:net";
import { lookup } from "node:dns/promises";
import { networkInterfaces } from "node:os";

/** The address that the system calls a host of this URL from; undefined when there is no way to it. Nothing is sent. */
export async function addressTowards(url: string): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  try {
    const address = isIP(host) === 0 ? (await lookup(host)).address : host;
    const socket = createSocket(isIP(address) === 6 ? "udp6" : "udp4");
    socket.connect(Number(port) || 80, address);
    await once(socket, "connect");
    const own = socket.address().address;
    socket.close();
    return own;
  } catch {
    return undefined;
  }
}

export function isOwnAddress(address: string): boolean {
  if (address.startsWith("127.")) return true;
  return Object.values(networkInterfaces()).some((entries) => entries?.some((entry) => entry.address === address));
}
