// The UDP port of a tracker: in batches where the system can, datagram by datagram elsewhere.
import { createHash, randomBytes } from "node:crypto";
import { lookup } from "node:dns/promises";
import { openBatchedSocket } from "./batched-socket.ts";
import { openDatagramSocket } from "./datagram-socket.ts";
import type { UdpSocket, UdpSocketOptions } from "./packet.ts";

/** `auto` takes batches where they work (`UDP_SOCKET`). */
export type UdpSocketKind = "auto" | "batched" | "dgram";

const [ANY_V6, ANY_V4] = ["::", "0.0.0.0"];
const WITHOUT_IPV6 = ["EAFNOSUPPORT", "EADDRNOTAVAIL"];

/**
 * `host` may be a name. Rejects with the operating system's error; with `batched`, also where batches do not work. Where IPv6 is
 * switched off, `::` is `0.0.0.0`.
 */
export async function openUdpSocket(kind: UdpSocketKind, options: UdpSocketOptions): Promise<UdpSocket> {
  try {
    const { address } = await lookup(options.host);
    return await openSocket(kind, { ...options, host: address });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (options.host !== ANY_V6 || !WITHOUT_IPV6.includes(code)) throw error;
    return openSocket(kind, { ...options, host: ANY_V4 });
  }
}

async function openSocket(kind: UdpSocketKind, options: UdpSocketOptions): Promise<UdpSocket> {
  if (kind === "dgram") return openDatagramSocket(options);
  try {
    return openBatchedSocket(options);
  } catch (error) {
    // What the network refuses it would refuse to the other socket, too.
    if (kind === "batched" || (error instanceof Error && "syscall" in error)) throw error;
    return openDatagramSocket(options);
  }
}

const KEY_BYTES = 16;

/** Of a secret that trackers share, or of nobody else's. */
export function connectionKey(secret: string | undefined): Uint8Array {
  if (secret === undefined) return randomBytes(KEY_BYTES);
  return createHash("sha256").update(secret).digest().subarray(0, KEY_BYTES);
}
