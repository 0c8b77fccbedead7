// A message of a batch as a packet.
import type { MessageBatch } from "./message-batch.ts";
import { isMapped, type Packet, V4_BYTES, V6_BYTES } from "./packet.ts";
import { SOCKADDR, SOCKADDR_BYTES, type SocketFamily } from "./socket-address.ts";

/** Of an IPv4-mapped IPv6 address, what comes before the IPv4 address. */
const MAPPED_BYTES = 12;

interface BatchPacketParts {
  readonly family: SocketFamily;
  readonly batch: MessageBatch;
  /** `sender` is a `sockaddr`. */
  readonly sendLate: (sender: Buffer, reply: Buffer) => void;
}

export class BatchPacket implements Packet {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly #parts: BatchPacketParts;
  at = 0;
  length = 0;
  hostAt = 0;
  hostBytes = V4_BYTES;
  port = 0;
  replyAt = 0;
  #nameAt = 0;

  constructor(parts: BatchPacketParts) {
    this.#parts = parts;
    this.bytes = parts.batch.bytes;
    this.view = parts.batch.view;
  }

  /** Becomes message `index`, to be answered in the place of reply `reply`. */
  take(index: number, reply: number): void {
    const { batch, family } = this.#parts;
    const nameAt = batch.nameAt(index);
    this.#nameAt = nameAt;
    this.at = batch.requestAt(index);
    this.length = batch.requestLength(index);
    this.port = this.view.getUint16(nameAt + SOCKADDR.port);
    this.replyAt = batch.replyAt(reply);
    if (family === "ipv4") {
      this.hostAt = nameAt + SOCKADDR.v4Host;
    } else {
      const hostAt = nameAt + SOCKADDR.v6Host;
      const mapped = isMapped(this.view, hostAt);
      this.hostAt = mapped ? hostAt + MAPPED_BYTES : hostAt;
      this.hostBytes = mapped ? V4_BYTES : V6_BYTES;
    }
  }

  later(): (reply: Buffer) => void {
    const { family, sendLate } = this.#parts;
    const sender = Buffer.from(this.bytes.subarray(this.#nameAt, this.#nameAt + SOCKADDR_BYTES[family]));
    return (reply) => sendLate(sender, reply);
  }
}
