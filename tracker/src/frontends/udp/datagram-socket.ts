// UDP by `node:dgram`, a call for each datagram: for systems other than Linux, and where koffi does not load.
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import { findHostAddress } from "../../wire/compact-address.ts";
import { MAX_REQUEST_BYTES, packetMemory } from "../../wire/udp-packets.ts";
import type { Packet, UdpSocket, UdpSocketOptions } from "./packet.ts";

const REQUEST_AT = 0;
const HOST_AT = MAX_REQUEST_BYTES;
const REPLY_AT = HOST_AT + 16;
const MEMORY_BYTES = 4096;
const RECEIVE_BUFFER_BYTES = 4 << 20;

/** Rejects with the operating system's error. */
export async function openDatagramSocket({ host, port, answer, onError }: UdpSocketOptions): Promise<UdpSocket> {
  const socket = createSocket({ type: isIPv6(host) ? "udp6" : "udp4" });
  const memory = packetMemory(MEMORY_BYTES);
  let closed = false;
  socket.on("message", (message, { address, port: senderPort }) => {
    const sender = findHostAddress(address);
    if (sender === undefined) return;
    const length = message.copy(memory.bytes, REQUEST_AT, 0, MAX_REQUEST_BYTES);
    memory.bytes.write(sender, HOST_AT, "latin1");
    const send = (reply: Buffer) => {
      if (!closed) socket.send(reply, senderPort, address, () => {});
    };
    const packet: Packet = {
      ...memory,
      at: REQUEST_AT,
      length,
      hostAt: HOST_AT,
      hostBytes: sender.length,
      port: senderPort,
      replyAt: REPLY_AT,
      later: () => send,
    };
    const replyBytes = answer(packet);
    // Sending may wait, and the memory is used again.
    if (replyBytes > 0) send(Buffer.from(memory.bytes.subarray(REPLY_AT, REPLY_AT + replyBytes)));
  });
  try {
    socket.bind({ address: host, port });
    await once(socket, "listening");
  } catch (error) {
    socket.close();
    throw error;
  }
  socket.on("error", onError);
  enlarge(socket);
  return {
    port: socket.address().port,
    async close() {
      if (closed) return;
      closed = true;
      await new Promise<void>((resolve) => socket.close(resolve));
    },
  };
}

/** For bursts; systems that allow less keep what they have. */
function enlarge(socket: Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  } catch {
    // The default will do.
  }
}
