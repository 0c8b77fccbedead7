// UDP in batches on Linux: one system call receives up to 64 datagrams, one sends the replies, and nothing is made per datagram.
import { isIPv6 } from "node:net";
import { failure, failureCode, type Libc, loadLibc, memoryAddress, whenReadable } from "./libc.ts";
import { createMessageBatch, type MessageBatch } from "./message-batch.ts";
import { BatchPacket } from "./batch-packet.ts";
import type { UdpSocket, UdpSocketOptions } from "./packet.ts";
import { SOCKADDR, SOCKADDR_BYTES, SOCKET_FAMILY, type SocketFamily, socketAddress } from "./socket-address.ts";

const BATCH = 64;
/** Batches in one turn of the event loop, so that HTTP has its turn, too, however many datagrams come. */
const BATCHES_A_TURN = 4;
const RECEIVE_BUFFER_BYTES = 4 << 20;

/** Of Linux. */
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;
const MSG_DONTWAIT = 0x40;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
/** Nothing there now; a signal came; an earlier reply could not be delivered. */
const HARMLESS = new Set(["EAGAIN", "EWOULDBLOCK", "EINTR", "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH"]);

export interface Opened {
  readonly libc: Libc;
  readonly fd: number;
  readonly family: SocketFamily;
}

/** Throws the operating system's error, or that of `loadLibc`. */
export function openBatchedSocket(options: UdpSocketOptions): UdpSocket {
  const opened = openSocket(options);
  const { libc, fd, family } = opened;
  const batch = createMessageBatch(BATCH, SOCKADDR_BYTES[family], memoryAddress);
  const single = createMessageBatch(1, SOCKADDR_BYTES[family], memoryAddress);
  const packet = new BatchPacket({ family, batch, sendLate });

  function turn(): void {
    for (let batches = 0; batches < BATCHES_A_TURN; batches++) {
      const count = libc.recvmmsg(fd, batch.receiveHeaders, BATCH, MSG_DONTWAIT, null);
      if (count < 0) return report();
      answerBatch(count);
      batch.rearm(count);
      if (count < BATCH) return;
    }
  }

  function answerBatch(count: number): void {
    let replies = 0;
    for (let index = 0; index < count; index++) {
      packet.take(index, replies);
      const length = options.answer(packet);
      if (length > 0) batch.addReply(replies++, index, length);
    }
    sendReplies(opened, batch, replies);
  }

  function report(): void {
    if (!HARMLESS.has(failureCode())) options.onError(failure("recvmmsg"));
  }

  function sendLate(sender: Buffer, reply: Buffer): void {
    if (closed) return;
    single.bytes.set(sender, single.nameAt(0));
    single.bytes.set(reply, single.replyAt(0));
    single.addReply(0, 0, reply.length);
    sendReplies(opened, single, 1);
  }

  let closed = false;
  const readiness = whenReadable(fd, turn);
  return {
    port: boundPort(opened),
    async close() {
      if (closed) return;
      closed = true;
      readiness.close();
      libc.close(fd);
    },
  };
}

/** A reply that cannot be sent is dropped, as the network drops some: its client asks again. */
function sendReplies({ libc, fd }: Opened, batch: MessageBatch, count: number): void {
  let sent = 0;
  while (sent < count) {
    const done = libc.sendmmsg(fd, batch.sendHeaders(sent), count - sent, MSG_DONTWAIT);
    sent += done > 0 ? done : 1;
  }
}

export function openSocket({ host, port }: Pick<UdpSocketOptions, "host" | "port">): Opened {
  const libc = loadLibc();
  const family = isIPv6(host) ? "ipv6" : "ipv4";
  const fd = libc.socket(SOCKET_FAMILY[family], SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw failure("socket");
  setOption(libc, fd, { level: SOL_SOCKET, name: SO_RCVBUF, value: RECEIVE_BUFFER_BYTES });
  if (family === "ipv6") setOption(libc, fd, { level: IPPROTO_IPV6, name: IPV6_V6ONLY, value: 0 });
  if (libc.bind(fd, socketAddress(host, port), SOCKADDR_BYTES[family]) < 0) {
    const error = failure("bind");
    libc.close(fd);
    throw error;
  }
  return { libc, fd, family };
}

/** Systems that allow less keep what they have. */
function setOption(libc: Libc, fd: number, option: { level: number; name: number; value: number }): void {
  const value = Buffer.alloc(4);
  value.writeInt32LE(option.value);
  libc.setsockopt(fd, option.level, option.name, value, value.length);
}

function boundPort({ libc, fd, family }: Opened): number {
  const address = Buffer.alloc(SOCKADDR_BYTES[family]);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(address.length);
  if (libc.getsockname(fd, address, bytes) < 0) throw failure("getsockname");
  return address.readUInt16BE(SOCKADDR.port);
}
