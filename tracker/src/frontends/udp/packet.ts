// One datagram as the front end sees it, whatever socket it came from.
import type { HostAddress } from "../../swarm/identifiers.ts";
import { MAX_REPLY_BYTES_V4, MAX_REPLY_BYTES_V6, type PacketMemory } from "../../wire/udp-packets.ts";

export const V4_BYTES = 4;
export const V6_BYTES = 16;
/** Of an IPv4-mapped IPv6 address, the words before the IPv4 address. */
const MAPPED_WORD = 0xffff;

/** The same object for all datagrams of a socket; what it says holds until `answer` returns. */
export interface Packet extends PacketMemory {
  /** Where the datagram begins, and its bytes. */
  readonly at: number;
  readonly length: number;
  /** Where the sender's address stands in the same memory; 4 bytes for IPv4, IPv4-mapped included, 16 for IPv6. */
  readonly hostAt: number;
  readonly hostBytes: number;
  readonly port: number;
  /** Where the reply goes, up to `replyRoom(packet)` bytes. */
  readonly replyAt: number;
  /** Gives what sends a reply to this sender after `answer` has returned; it copies what it needs. */
  readonly later: () => (reply: Buffer) => void;
}

/** Prints the reply, if there is one, and gives its length; 0 for silence. Never throws. */
export type AnswerPacket = (packet: Packet) => number;

export interface UdpSocket {
  readonly port: number;
  close(): Promise<void>;
}

export interface UdpSocketOptions {
  /** An IPv4 or IPv6 address; `::` takes IPv4, too. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly answer: AnswerPacket;
  /** What the operating system says when a socket fails after it was opened. */
  readonly onError: (error: Error) => void;
}

export function replyRoom({ hostBytes }: Packet): number {
  return hostBytes === V4_BYTES ? MAX_REPLY_BYTES_V4 : MAX_REPLY_BYTES_V6;
}

export function packetHost({ bytes, hostAt, hostBytes }: Packet): HostAddress {
  return bytes.toString("latin1", hostAt, hostAt + hostBytes) as HostAddress;
}

/** Whether the 16 bytes at `at` are an IPv4 address in IPv6's form. */
export function isMapped(view: DataView, at: number): boolean {
  return view.getInt32(at) === 0 && view.getInt32(at + 4) === 0 && view.getInt32(at + 8) === MAPPED_WORD;
}
