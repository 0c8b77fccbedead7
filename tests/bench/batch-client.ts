// Sends datagrams to one server from many addresses of this host, and receives the answers, in batches: fast enough to load any tracker.
import { openSocket } from "../../tracker/src/frontends/udp/batched-socket.ts";
import { failure, memoryAddress } from "../../tracker/src/frontends/udp/libc.ts";
import { createMessageBatch, HEADER, setAddress } from "../../tracker/src/frontends/udp/message-batch.ts";
import { SOCKADDR_BYTES, socketAddress } from "../../tracker/src/frontends/udp/socket-address.ts";
import { parseHostAddress } from "../../tracker/src/wire/compact-address.ts";

export interface BatchClient {
  /** What the system reads with every call must not be collected. */
  readonly sources: Buffer;
  /** Of the datagrams that `receive` gives. */
  readonly view: DataView;
  /** Sends the first `length` bytes of the host's packet with the next batch. */
  add(host: number, length: number): void;
  flush(): void;
  /** Gives what came, without waiting. Returns how many datagrams that were. */
  receive(take: (at: number, length: number) => void): number;
}

export interface BatchClientOptions {
  readonly port: number;
  readonly hosts: readonly string[];
  /** One of `packetBytes` for every host, side by side. */
  readonly packets: Buffer;
  readonly packetBytes: number;
}

const BATCH = 64;
const MSG_DONTWAIT = 0x40;
/** Of `struct msghdr`. */
const [CONTROL, CONTROL_BYTES] = [32, 40];
/** `struct cmsghdr` with `struct in_pktinfo`: the address to send from. */
const SOURCE = { bytes: 32, used: 28, level: 8, type: 12, address: 20 } as const;
const IP_PKTINFO = 8;

export function createBatchClient({ port, hosts, packets, packetBytes }: BatchClientOptions): BatchClient {
  const { libc, fd, family } = openSocket({ host: "0.0.0.0", port: 0 });
  const nameBytes = SOCKADDR_BYTES[family];
  const received = createMessageBatch(BATCH, nameBytes, memoryAddress);
  const sending = createMessageBatch(BATCH, nameBytes, memoryAddress);
  const headersAt = sending.sendHeaders(0) - sending.receiveHeaders;
  const sources = sourcesOf(hosts);
  const sourcesAddress = memoryAddress(sources);
  for (let index = 0; index < BATCH; index++) {
    sending.bytes.set(socketAddress("127.0.0.1", port), sending.nameAt(index));
    sending.view.setUint32(headersAt + index * HEADER.bytes + CONTROL_BYTES, SOURCE.bytes, true);
  }
  let added = 0;

  function flush(): void {
    for (let sent = 0; sent < added;) {
      const done = libc.sendmmsg(fd, sending.sendHeaders(sent), added - sent, MSG_DONTWAIT);
      if (done < 0) throw failure("sendmmsg");
      sent += done;
    }
    added = 0;
  }

  return {
    sources,
    view: received.view,
    add(host, length) {
      const from = host * packetBytes;
      packets.copy(sending.bytes, sending.replyAt(added), from, from + length);
      sending.addReply(added, added, length);
      setAddress(sending.view, headersAt + added * HEADER.bytes + CONTROL, sourcesAddress + host * SOURCE.bytes);
      if (++added === BATCH) flush();
    },
    flush,
    receive(take) {
      const count = Math.max(0, libc.recvmmsg(fd, received.receiveHeaders, BATCH, MSG_DONTWAIT, null));
      for (let index = 0; index < count; index++) take(received.requestAt(index), received.requestLength(index));
      received.rearm(count);
      return count;
    },
  };
}

function sourcesOf(hosts: readonly string[]): Buffer {
  const sources = Buffer.alloc(hosts.length * SOURCE.bytes);
  for (const [index, host] of hosts.entries()) {
    const at = index * SOURCE.bytes;
    sources.writeUInt32LE(SOURCE.used, at);
    sources.writeUInt32LE(IP_PKTINFO, at + SOURCE.type);
    sources.write(parseHostAddress(host), at + SOURCE.address, "latin1");
  }
  return sources;
}
