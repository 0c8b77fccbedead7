// Memory for many datagrams at a time, laid out once as `recvmmsg` and `sendmmsg` of a 64-bit Linux want it.
import { MAX_REQUEST_BYTES, packetMemory, type PacketMemory } from "../../wire/udp-packets.ts";

/** `struct mmsghdr` and `struct iovec`, with glibc and musl alike. */
export const HEADER = { bytes: 64, name: 0, nameBytes: 8, iovec: 16, iovecs: 24, length: 56 } as const;
const IOVEC_BYTES = 16;
const IOVEC_LENGTH = 8;
const NAME_BYTES = 32;
const TWO_TO_32 = 0x1_0000_0000;
/** 25 cache lines: an odd number, so that packets do not push each other out of the cache. */
const DATAGRAM_BYTES = MAX_REQUEST_BYTES;

/** Message `index` of what was received has its sender's `sockaddr` at `nameAt(index)`, and its bytes at `requestAt(index)`. */
export interface MessageBatch extends PacketMemory {
  readonly size: number;
  /** For `recvmmsg`. */
  readonly receiveHeaders: number;
  nameAt(index: number): number;
  requestAt(index: number): number;
  requestLength(index: number): number;
  /** Makes the first `count` messages ready to receive again. */
  rearm(count: number): void;
  /** Where the bytes of the reply are put that is sent as number `index`. */
  replyAt(index: number): number;
  /** Addresses it to the sender of a request. */
  addReply(index: number, request: number, length: number): void;
  /** For `sendmmsg`, from reply number `index` on. */
  sendHeaders(index: number): number;
}

/** `nameBytes` is the size of the socket's `sockaddr`; `addressOf` gives where memory is. */
export function createMessageBatch(
  size: number,
  nameBytes: number,
  addressOf: (memory: Buffer) => number,
): MessageBatch {
  const sendAt = size * HEADER.bytes;
  const receiveVectorsAt = sendAt + size * HEADER.bytes;
  const sendVectorsAt = receiveVectorsAt + size * IOVEC_BYTES;
  const namesAt = sendVectorsAt + size * IOVEC_BYTES;
  const requestsAt = namesAt + size * NAME_BYTES;
  const repliesAt = requestsAt + size * DATAGRAM_BYTES;
  const memory = packetMemory(repliesAt + size * DATAGRAM_BYTES);
  const { view } = memory;
  const base = addressOf(memory.bytes);
  const nameAt = (index: number) => namesAt + index * NAME_BYTES;
  const requestAt = (index: number) => requestsAt + index * DATAGRAM_BYTES;
  const replyAt = (index: number) => repliesAt + index * DATAGRAM_BYTES;

  function layOut(header: number, vector: number, data: number): void {
    setAddress(view, header + HEADER.iovec, base + vector);
    view.setUint32(header + HEADER.iovecs, 1, true);
    view.setUint32(header + HEADER.nameBytes, nameBytes, true);
    setAddress(view, vector, base + data);
    view.setUint32(vector + IOVEC_LENGTH, DATAGRAM_BYTES, true);
  }
  for (let index = 0; index < size; index++) {
    const header = index * HEADER.bytes;
    layOut(header, receiveVectorsAt + index * IOVEC_BYTES, requestAt(index));
    layOut(sendAt + index * HEADER.bytes, sendVectorsAt + index * IOVEC_BYTES, replyAt(index));
    setAddress(view, header + HEADER.name, base + nameAt(index));
  }

  return {
    ...memory,
    size,
    receiveHeaders: base,
    nameAt,
    requestAt,
    requestLength: (index) => view.getUint32(index * HEADER.bytes + HEADER.length, true),
    rearm(count) {
      for (let index = 0; index < count; index++) {
        view.setUint32(index * HEADER.bytes + HEADER.nameBytes, nameBytes, true);
      }
    },
    replyAt,
    addReply(index, request, length) {
      setAddress(view, sendAt + index * HEADER.bytes + HEADER.name, base + nameAt(request));
      view.setUint32(sendVectorsAt + index * IOVEC_BYTES + IOVEC_LENGTH, length, true);
    },
    sendHeaders: (index) => base + sendAt + index * HEADER.bytes,
  };
}

export function setAddress(view: DataView, at: number, address: number): void {
  view.setUint32(at, address % TWO_TO_32, true);
  view.setUint32(at + 4, Math.floor(address / TWO_TO_32), true);
}
